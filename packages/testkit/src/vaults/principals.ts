// The policy of the tests, and the principal who may operate.

/** One role for each right. */
export const testPolicy = {
  roles: {
    operator: [{ allow: ['operate', 'audit'] }],
    auditor: [{ allow: ['audit'] }],
    reader: [{ allow: ['read'] }],
    writer: [{ allow: ['write'] }],
  },
} as const

export const operatorPrincipal = { id: 'root', roles: ['operator'] } as const
