// Who has which secrets in the files of the scale group: many users with few, and one with very many.

/**
 * @typedef {object} Population
 * @property {number} users
 * @property {number} secrets of all users together
 * @property {number} heavySecrets of the first user, whose list has deep pages
 */

export const server = 'github'

/** @param {number} user */
export function userName(user) {
  return `user-${user}`
}

/** @param {number} index */
export function secretName(index) {
  return `SECRET_${index}`
}

/**
 * How many secrets a user has.
 *
 * @param {Population} population
 * @param {number} user
 */
export function secretsOf({ users, secrets, heavySecrets }, user) {
  if (user === 0) return heavySecrets
  const rest = secrets - heavySecrets
  const each = Math.floor(rest / (users - 1))
  return user <= rest - each * (users - 1) ? each + 1 : each
}

/**
 * Names a secret for each number: in one file all secrets come by before one comes again, in an order that jumps about.
 *
 * @param {Population} population
 */
export function secretPicker(population) {
  const starts = [0]
  for (let user = 0; user < population.users; user += 1) starts.push(starts[user] + secretsOf(population, user))
  // A prime that divides no population visits every place.
  const stride = 7_919
  return (turn) => {
    const place = (turn * stride) % population.secrets
    let user = 0
    for (let step = 1 << 20; step > 0; step >>= 1) {
      if (starts[user + step] !== undefined && starts[user + step] <= place) user += step
    }
    return { owner: userName(user), name: secretName(place - starts[user]) }
  }
}
