// Writes the type declarations of the package it is started in: one for each source, with maps to the shipped sources.
// A bundle of declarations has no maps, and what its entries share lands in files that are named after a hash.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture, node, root } from './lib/process.mjs'

// Declarations take longer than the code; what only runs the packages does without them.
if (process.env['MCPVAULT_BUILD'] !== 'code') await writeDeclarations(process.cwd())

/** @param {string} folder */
async function writeDeclarations(folder) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { code, output } = await capture(node(compiler, '-p', join(folder, 'tsconfig.build.json')))
  if (code !== 0) {
    console.error(output)
    process.exitCode = code
    return
  }
  const dist = join(folder, 'dist')
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) finish(join(dist, name))
  }
}

/** @param {string} path */
function finish(path) {
  const text = namedAsShipped(readFileSync(path, 'utf8'))
  if (!/\bBuffer\b|['"]node:/.test(text)) {
    writeFileSync(path, text)
    return
  }
  // Since TypeScript 6 a program has no Node types unless something names them.
  writeFileSync(path, `/// <reference types="node" />\n${text}`)
  const map = JSON.parse(readFileSync(`${path}.map`, 'utf8'))
  writeFileSync(`${path}.map`, JSON.stringify({ ...map, mappings: `;${map.mappings}` }))
}

/**
 * The sources import each other as `./a.ts`, which an installed package does not have beside its declarations. The
 * new name is as long as the old one, so that the maps still hold.
 *
 * @param {string} text
 */
function namedAsShipped(text) {
  return text.replace(/((?:from |import\()(['"])\.{1,2}\/[^'"]+)\.ts\2/g, '$1.js$2')
}
