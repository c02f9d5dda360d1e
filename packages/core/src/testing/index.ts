// The public entry of @mcpvault/core/testing.
export {}
