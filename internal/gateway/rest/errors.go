package rest

import (
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// failure is an error answer: {"description","code","grpcStatus","internalTxId"}.
type failure = httpapi.Failure

// badRequest makes a 400.
func badRequest(format string, args ...any) error { return httpapi.BadRequest(format, args...) }

// notFound makes a 404.
func notFound(format string, args ...any) error { return httpapi.NotFound(format, args...) }

// httpFailure makes an error that only says what its status means.
func httpFailure(status int) *failure { return httpapi.OfStatus(status) }

// fail answers with err.
func (c *call) fail(err error) {
	f := c.failureOf(err).Unmarked(c.cuts)
	c.status = f.Status
	c.out = writeFailure(c.w, f, c.out[:0], c.v1)
}

// failureOf converts what an endpoint returned into the words of the call's
// profile.
func (c *call) failureOf(err error) *failure {
	if c.v1 {
		return httpapi.FailureOfV1(err)
	}
	return httpapi.FailureOf(err)
}

// writeFailure writes f's answer, using the memory of out, and returns it.
func writeFailure(w http.ResponseWriter, f *failure, out []byte, v1 bool) []byte {
	if v1 {
		return f.WriteV1(w, out)
	}
	return f.Write(w, out)
}
