// The entry @mcpvault/core/presets: kinds of secrets, and what a page does with typed and pasted ones. Runs in browsers.
export { type DotEnv, type DotEnvEntry, type DotEnvProblem, parseDotEnv } from './dot-env.ts'
export { type GenerateOptions, generateSecret } from './generate-secret.ts'
export { detectPreset, findPreset, presets } from './list.ts'
export type { Preset, PresetCheck, PresetField, PresetInput, PresetProblem } from './preset.ts'
export { type ExistingSecret, type ImportEntry, type ImportPreview, previewImport } from './preview-import.ts'
export { secretNameProblem } from './secret-name.ts'
