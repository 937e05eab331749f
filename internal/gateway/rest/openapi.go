package rest

import (
	_ "embed"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// documentText is the API's OpenAPI document. It was written first; the tests
// hold routes and answers to it.
//
//go:embed openapi.yaml
var documentText []byte

var document = httpapi.NewOpenAPI(documentText)

// openAPIPath is where the document is.
const openAPIPath = "/api/rest/openapi"
