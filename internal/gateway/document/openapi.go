package document

import (
	_ "embed"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// documentText is the API's OpenAPI document. The tests hold routes and answers
// to it.
//
//go:embed openapi.yaml
var documentText []byte

var document = httpapi.NewOpenAPI(documentText)

// openAPIPath is where the document is.
const openAPIPath = "/api/docs/openapi"
