package document

import (
	"errors"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// The older profile, in which Stargate v1 and old Astra served documents: other
// errors and a list of functions, of which $set is none yet. What is stored, and
// what documents look like, is the same.

// pick returns the error of the door's profile.
func (c *call) pick(v2, v1 error) error {
	if c.door.v1 {
		return v1
	}
	return v2
}

// invalid is a body that breaks a rule: 400, in the older profile 422.
func (c *call) invalid(text string) error {
	status := http.StatusBadRequest
	if c.door.v1 {
		status = http.StatusUnprocessableEntity
	}
	return &httpapi.Failure{Status: status, Description: "Request invalid: " + text}
}

// failureOf converts what an endpoint returned.
func (c *call) failureOf(err error) *httpapi.Failure {
	if c.door.v1 {
		return httpapi.FailureOfV1(err)
	}
	return httpapi.FailureOf(err)
}

// write writes an error answer, using the memory of out, and returns it.
func (h *Handler) write(w http.ResponseWriter, f *httpapi.Failure, out []byte) []byte {
	if h.v1 {
		return f.WriteV1(w, out)
	}
	return f.Write(w, out)
}

// malformedV1 rewords that a document can't be read: the older API reads it
// itself, not the framework below.
func malformedV1(err error) error {
	var f *httpapi.Failure
	if errors.As(err, &f) && f.Framework && f.Status == http.StatusBadRequest {
		return httpapi.BadRequest("Malformed JSON object found during read: it is no JSON")
	}
	return err
}

// noCollectionV1 is the older answer about a collection that is not there, or
// its namespace.
func (c *call) noCollectionV1() error {
	if c.door.backend.Schema().Keyspaces[c.namespace] == nil {
		return httpapi.NotFound("Namespace %s does not exist.", c.namespace)
	}
	return httpapi.NotFound("Collection %s does not exist.", c.collection)
}

// listFunctions is GET /v2/schemas/namespaces/{namespace}/functions, the same for
// every namespace, be it there or not.
func listFunctions(c *call) error {
	const functions = `[{"name":"$push","description":"Appends data to the end of an array"},` +
		`{"name":"$pop","description":"Removes data from the end of an array, returning it"}]`
	if c.params.raw {
		c.out = append(c.out, functions...)
	} else {
		c.out = append(append(append(c.out, `{"functions":`...), functions...), '}')
	}
	return c.answer(http.StatusOK)
}

// checkFunctionV1 refuses functions that the older profile does not have.
func (c *call) checkFunctionV1(operation string, value cell.Value) error {
	switch {
	case operation == "":
		return c.invalid("a valid `operation` is required.")
	case operation != "$push" && operation != "$pop":
		return httpapi.BadRequest("No BuiltInApiFunction found for name: %s", operation)
	case operation == "$push" && (value == nil || value.Kind() == cell.Null):
		return httpapi.BadRequest("Provided value must not be null")
	}
	return nil
}
