// Starts Swagger UI on the documents that the server has. The token is kept in
// this page's memory alone: it is gone when the page is.
(async () => {
  const documents = await (await fetch('documents.json')).json()
  const ui = window.SwaggerUIBundle({
    urls: documents,
    dom_id: '#swagger-ui',
    presets: [window.SwaggerUIBundle.presets.apis, window.SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    validatorUrl: null,
    deepLinking: true,
    tryItOutEnabled: true,
    persistAuthorization: false,
  })
  window.ui = ui
  document.getElementById('token-box').addEventListener('submit', (event) => {
    event.preventDefault()
    const token = document.getElementById('token').value.trim()
    ui.preauthorizeApiKey('token', token)
    document.getElementById('token-state').textContent = token ? 'Calls on this page carry it.' : ''
  })
})()
