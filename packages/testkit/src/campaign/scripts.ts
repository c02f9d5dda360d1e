// The scripts that every campaign runs.

import type { Script } from './run-script.ts'
import {
  bobShares,
  destroy,
  erase,
  get,
  getAll,
  patch,
  remove,
  restore,
  rewrap,
  set,
  share,
  undelete,
} from './steps.ts'

const fields = JSON.stringify({ a: '1' })

/** One for each way of changing something. */
export const scripts: readonly Script[] = [
  {
    label: 'opening and the first data key',
    setup: [],
    steps: [set('token', 'one'), get('token')],
  },
  { label: 'create', setup: [set('other', 'o')], steps: [set('token', 'one'), get('token')] },
  { label: 'update', setup: [set('token', 'one')], steps: [set('token', 'two'), get('token'), set('token', 'three')] },
  {
    label: 'delete and undelete',
    setup: [set('token', 'one'), share('token', { grantee: 'bob', permission: 'read' })],
    steps: [remove('token'), get('token'), undelete('token'), get('token')],
  },
  {
    label: 'set after delete',
    setup: [set('token', 'one')],
    steps: [remove('token'), set('token', 'two'), get('token')],
  },
  {
    label: 'destroy and create again',
    setup: [set('token', 'one'), set('token', 'two')],
    steps: [destroy('token'), get('token'), set('token', 'again'), get('token')],
  },
  {
    label: 'share',
    setup: [set('token', 'one')],
    steps: [
      share('token', { grantee: 'bob', permission: 'read' }),
      share('token', { grantee: 'bob', permission: 'admin' }),
    ],
  },
  { label: 'patch', setup: [set('form', fields)], steps: [patch('form', 'b'), get('form'), patch('form', 'c')] },
  { label: 'restore', setup: [set('token', 'one'), set('token', 'two')], steps: [restore('token', 1), get('token')] },
  { label: 'reads', setup: [set('token', 'one'), set('other', 'o')], steps: [get('token'), getAll(), get('token')] },
  {
    label: 'rewrap',
    rotates: true,
    setup: [set('token', 'one')],
    steps: [rewrap(), get('token'), set('token', 'two')],
  },
  {
    label: 'erase',
    setup: [set('token', 'one'), bobShares()],
    steps: [erase(), set('token', 'again')],
  },
]
