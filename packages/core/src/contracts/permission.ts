// The permissions that can be granted on one secret.

/** A stored permission. Each includes the ones before it. */
export type Permission = 'read' | 'write' | 'admin'
