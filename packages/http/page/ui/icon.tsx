// The icons, drawn with lines of the text's colour.

const eye = 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z'

const paths = {
  key: 'M8 6.5a2.5 2.5 0 1 0-5 0 2.5 2.5 0 0 0 5 0zm-.7 1.8L13 14m-2-2 1.5-1.5',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zm3.6-1.4L14 14',
  plus: 'M8 3v10M3 8h10',
  paste: 'M5.5 3H4a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V4a1 1 0 0 0-1-1h-1.5M5.5 2h5v2.5h-5zM5.5 8h5M5.5 11h3',
  close: 'M3.5 3.5l9 9m0-9l-9 9',
  eye,
  hide: `${eye}M2 2l12 12`,
  copy: 'M6 6h7v8H6zM10 6V2H3v8h3',
  chevron: 'M6 3.5L10.5 8 6 12.5',
  warn: 'M8 2.5L14.5 13.5h-13zM8 6.5v3.5m0 1.8v.2',
  share:
    'M5.5 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0zm9-4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0zm0 9a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM5.3 7.1l5.4-2.7M5.3 8.9l5.4 2.7',
  download: 'M8 2v8.5M4.5 7.5L8 11l3.5-3.5M2.5 13.5h11',
  shield: 'M8 1.8l5.2 2v4c0 3.2-2.2 5.5-5.2 6.6C5 13.3 2.8 11 2.8 7.8v-4z',
  spark: 'M8 2l1.5 4.5L14 8l-4.5 1.5L8 14l-1.5-4.5L2 8l4.5-1.5z',
  pen: 'M11 2.5l2.5 2.5L6 12.5 2.5 13.5 3.5 10z',
} as const

export type IconName = keyof typeof paths

/** An icon says nothing by itself: the words beside it, or the label of its button, do. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
