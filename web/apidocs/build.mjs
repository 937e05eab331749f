// Puts the page together: what we need of Swagger UI, and our own files.
import { cpSync, mkdirSync } from 'node:fs'

const dist = 'dist'
mkdirSync(dist, { recursive: true })
cpSync('public', dist, { recursive: true })
for (const name of ['swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'swagger-ui.css', 'LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt']) {
  cpSync(`node_modules/swagger-ui-dist/${name}`, `${dist}/${name}`)
}
