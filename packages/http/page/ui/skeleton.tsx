// Stands where rows will be. It becomes visible after 200 ms, so that a quick answer never flickers.

const rows = [1, 2, 3, 4, 5, 6]

export function Skeleton() {
  return (
    <div class="skeleton" role="status">
      <span class="sr-only">Loading</span>
      {rows.map((row) => (
        <div key={row} class="skeleton-row" aria-hidden="true" />
      ))}
    </div>
  )
}
