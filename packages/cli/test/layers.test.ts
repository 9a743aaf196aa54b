import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { environmentLayers, type Layer, mergeLayers } from '../src/workspace/layers.ts'

const layer = (name: Layer['name'], values: Layer['values']): Layer => ({
  name,
  where: `the ${name}`,
  values,
})

describe('layers', () => {
  test('join value by value, the strongest first, and say where each comes from', () => {
    const joined = mergeLayers([
      layer('flag', { user: 'Ada' }),
      layer('environment', { project: 'billing' }),
      layer('project', {
        $schema: 'x',
        project: 'other',
        adapters: { slack: { channel: 'C1', post: ['start'] }, jira: {} },
      }),
      layer('user', {
        user: 'Bob',
        adapters: { slack: { channel: 'C2', mode: 'preview' }, linear: { teamId: 'BIL' } },
      }),
      layer('default', { project: 'folder', user: 'root' }),
    ])
    expect(joined.config).toEqual({
      user: 'Ada',
      project: 'billing',
      adapters: {
        slack: { channel: 'C1', post: ['start'], mode: 'preview' },
        jira: {},
        linear: { teamId: 'BIL' },
      },
    })
    expect(joined.origins.map(({ path, layer: from }) => `${path} ${from}`)).toEqual([
      'adapters.jira project',
      'adapters.linear.teamId user',
      'adapters.slack.channel project',
      'adapters.slack.mode user',
      'adapters.slack.post project',
      'project environment',
      'user flag',
    ])
  })

  test('never mix a value with an object of a weaker layer', () => {
    expect(
      mergeLayers([
        layer('project', { adapters: { slack: { statuses: false } } }),
        layer('user', { adapters: { slack: { statuses: { close: 'Done' } } } }),
      ]).config,
    ).toEqual({ adapters: { slack: { statuses: false } } })
    expect(
      mergeLayers([
        layer('project', { adapters: { slack: { statuses: { close: 'Done' } } } }),
        layer('user', { adapters: { slack: { statuses: 'none' } } }),
      ]).config,
    ).toEqual({ adapters: { slack: { statuses: { close: 'Done' } } } })
  })

  test('give what the strongest layer has, whatever the others have', () => {
    const values = fc.record(
      { project: fc.string({ minLength: 1 }), user: fc.string({ minLength: 1 }) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(values, values, (strong, weak) => {
        const { config } = mergeLayers([layer('project', strong), layer('user', weak)])
        expect(config).toEqual({ ...weak, ...strong })
      }),
    )
  })

  test('take the first variable that is set, ours before those of MSP', () => {
    expect(
      environmentLayers({
        SESSIONWIRE_PROJECT: ' ',
        MSP_PROJECT: 'billing',
        MSP_USER_EMAIL: 'ada@example.com',
        MSP_USER_NAME: 'Ada',
        MSP_STATE_DIR: '/var/msp/',
      }),
    ).toEqual([
      { name: 'environment', where: 'MSP_PROJECT', values: { project: 'billing' } },
      { name: 'environment', where: 'MSP_USER_NAME', values: { user: 'Ada' } },
      { name: 'environment', where: 'MSP_STATE_DIR', values: { store: '/var/msp/sessions.db' } },
    ])
  })
})
