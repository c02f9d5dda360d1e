// The page's script: it lets the user see what is typed, and sends a form once. The page works without it.

export const script = `'use strict'
for (const field of document.querySelectorAll('[data-label]')) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'button quiet'
  const mask = (isMasked) => {
    if (field.localName === 'input') field.type = isMasked ? 'password' : 'text'
    else field.classList.toggle('masked', isMasked)
    button.textContent = isMasked ? 'Show' : 'Mask'
    button.setAttribute('aria-label', (isMasked ? 'Show ' : 'Mask ') + field.dataset.label)
    button.setAttribute('aria-pressed', String(!isMasked))
  }
  mask(true)
  button.addEventListener('click', () => mask(button.getAttribute('aria-pressed') === 'true'))
  field.after(button)
}
const form = document.querySelector('form')
let isSent = false
if (form) form.addEventListener('submit', (event) => {
  if (isSent) event.preventDefault()
  isSent = true
  for (const button of form.querySelectorAll('button[aria-pressed="true"]')) button.click()
})
// A page that comes back from the memory of the browser holds nothing that was typed.
addEventListener('pageshow', (event) => {
  if (!event.persisted || !form) return
  form.reset()
  isSent = false
})
`
