package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// RetryAfter reports whether err refuses a client because of attempts to log in
// that failed before, and tells it in header when to come again.
func RetryAfter(header http.Header, err error) bool {
	if err == nil {
		return false
	}
	var refusal interface{ RetryAfter() time.Duration }
	if !errors.As(err, &refusal) {
		return false
	}
	header.Set("Retry-After", strconv.Itoa(int(refusal.RetryAfter()/time.Second)))
	return true
}

// TooManyAttempts is the answer then.
func TooManyAttempts(err error) *Failure {
	return &Failure{Status: http.StatusTooManyRequests, Description: cqlerr.From(err).Message}
}
