package cassandra

import (
	"context"
	"errors"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// maxAttempts is how many nodes an idempotent statement is sent to, one after
// the other, when connections to them are lost.
const maxAttempts = 3

// retryElsewhere sends idempotent statements to the next node when the first
// has gone away or does not take them. What nodes answer otherwise is the
// client's to see, and to act on by its own policy. gocql asks it for
// idempotent statements only.
type retryElsewhere struct{}

// Attempt implements gocql.RetryPolicy.
func (retryElsewhere) Attempt(q gocql.RetryableQuery) bool { return q.Attempts() < maxAttempts }

// GetRetryType implements gocql.RetryPolicy.
func (retryElsewhere) GetRetryType(err error) gocql.RetryType {
	var request gocql.RequestError
	switch {
	case errors.Is(err, errPrepared), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, gocql.ErrTimeoutNoResponse): // it has waited long enough
		return gocql.Rethrow
	case errors.As(err, &request):
		switch cqlerr.Code(request.Code()) {
		case cqlerr.Overloaded, cqlerr.Bootstrapping:
			return gocql.RetryNextHost
		}
		return gocql.Rethrow
	}
	return gocql.RetryNextHost
}
