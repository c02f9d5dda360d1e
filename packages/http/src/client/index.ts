// The public entry.
export {}
