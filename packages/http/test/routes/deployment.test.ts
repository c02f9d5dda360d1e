// What a deployment asks before it starts, and permissions that hold in one deployment only.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { canary, createHost, type Host, principalOf, userHeader } from '../support/host.ts'

let host: Host
beforeEach(() => {
  host = createHost({
    handler: {
      // As a host would, which knows from its own token for which deployment a caller speaks.
      principal: (request) => {
        const known = principalOf(request.headers.get(userHeader))
        const deploymentId = request.headers.get('x-test-deployment') ?? undefined
        return known && { ...known, context: { deploymentId } }
      },
    },
  })
})
afterEach(() => host.vault.close())

const token = { server: 'github', name: 'token' }

describe('[S34] a deployment', () => {
  it('learns in one report which secrets it cannot use, and why, and no value', async () => {
    const owner = host.client('owner')
    for (const name of ['good', 'off', 'gone', 'unshared'])
      await owner.set({ server: 'github', name }, { value: canary })
    await owner.deactivate({ server: 'github', name: 'off' })
    await owner.delete({ server: 'github', name: 'gone' })
    const names = ['good', 'off', 'gone', 'never', 'a/b', 'good']
    const report = {
      ok: false,
      missing: ['gone', 'never'],
      expired: [],
      inactive: ['off'],
      forbidden: [],
      malformed: ['a/b'],
      untrusted: [],
    }
    expect(await owner.require({ server: 'github', names })).toEqual(report)
    expect(await owner.require({ server: 'github', names: ['good'] })).toMatchObject({ ok: true })
    for (const name of ['good', 'off'])
      await owner.share({ server: 'github', name }, { with: 'reader', permission: 'read' })
    const seen = await host
      .client('reader')
      .require({ server: 'github', owner: 'owner', names: [...names, 'unshared'] })
    expect(seen).toEqual({ ...report, missing: ['gone', 'never', 'unshared'] })
    expect(JSON.stringify(seen)).not.toContain(canary)
    await expect(owner.require({ server: 'github', names: [] })).rejects.toMatchObject({ status: 400, field: 'names' })
  })

  it('leaves its question in the trail', async () => {
    await host.client('owner').require({ server: 'github', names: ['a', 'b'] })
    const { items } = await host.client('owner').audit()
    expect(items).toMatchObject([{ operation: 'require', server: 'github', count: 2 }])
  })
})

describe('[S36] a permission for one deployment', () => {
  it('is refused in another, whatever the browser says', async () => {
    await host.client('owner').set(token, { value: canary })
    const grant = await host.client('owner').share(token, { with: 'reader', permission: 'read', deploymentId: 'blue' })
    expect(grant).toMatchObject({ deploymentId: 'blue' })
    const reveal = async (
      deployment: Record<string, string>,
      path = '/api/v1/secrets/github/token/reveal?owner=owner',
    ) => (await host.send('reader', 'POST', path, { json: {}, headers: deployment })).status
    expect(await reveal({ 'x-test-deployment': 'blue' })).toBe(200)
    expect(await reveal({ 'x-test-deployment': 'green' })).toBe(404)
    expect(await reveal({})).toBe(404)
    expect(
      await reveal({ 'x-deployment-id': 'blue' }, '/api/v1/secrets/github/token/reveal?owner=owner&deploymentId=blue'),
    ).toBe(400)
  })
})
