// Words of the protocol that a user could store as a value: without them no result of anybody would be one.

/** Those of results, notifications and requests that are long enough to be looked for as a value. */
const words = new Set(
  `content structuredContent isError mimeType resource resource_link annotations audience priority lastModified
  description assistant method params logger warning notice critical emergency progress progressToken message messages
  notifications/message notifications/progress notifications/elicitation/complete resultType complete input_required
  inputRequests requestState elicitation/create elicitationId requestedSchema properties required object string number
  integer boolean default format minimum maximum minLength maxLength enumNames sampling/createMessage roots/list
  maxTokens systemPrompt includeContext temperature stopSequences metadata modelPreferences toolChoice tool_use
  tool_result toolUseId mcpvault/code mcpvault/missing errors missing retryable`.split(/\s+/),
)
/** The codes of errors, which programs look at. */
const code = /^(?:MCP|VAULT)_[A-Z]{1,20}(?:_[A-Z]{1,20}){0,4}$/
const maxLength = 64

/** Whether a text is such a word as a whole. */
export function isProtocolWord(text: string): boolean {
  return text.length <= maxLength && (words.has(text) || code.test(text))
}
