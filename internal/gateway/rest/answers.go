package rest

import (
	"net/http"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/httpapi"
)

// Rows that are being answered are in memory until the client has read them. Those
// of more than httpapi.SmallBody are counted, and a client that does not read is
// cut off.

const (
	// maxAnswers bounds the rows of large answers where nobody says, in bytes.
	maxAnswers = httpapi.MaxBodies
	// answerWait is how long a request waits for room among the large answers.
	answerWait = 10 * time.Second
	// readAttempts is how often a page is read that does not find room: more has
	// been written to it meanwhile.
	readAttempts = 3
	// stall is how long a client may take to read one part of an answer.
	stall = time.Minute
)

// read reads a page of rows and counts what it holds until the call ends, or reads
// the next. Where there is no room it lets go of the rows, waits for as much and
// reads them again: those who wait hold nothing.
func (c *call) read(p *backend.Prepared, wait time.Duration) (*backend.Result, error) {
	c.releaseAnswer()
	limit := c.door.answers
	for range readAttempts {
		result, err := c.door.backend.Execute(c.ctx, p, &c.query)
		if err != nil {
			return nil, err
		}
		n := min(int64(len(result.Data)), limit.Size())
		if n <= httpapi.SmallBody || n <= c.holds {
			return result, nil
		}
		c.releaseAnswer()
		if limit.TryAcquire(n) {
			c.holds = n
			return result, nil
		}
		result = nil
		if !limit.Acquire(n, wait, c.ctx.Done()) {
			break
		}
		c.holds = n
	}
	c.releaseAnswer()
	c.w.Header().Set("Retry-After", "5")
	return nil, &failure{Status: http.StatusServiceUnavailable, Description: "Too many large answers at once; try again later"}
}

func (c *call) releaseAnswer() {
	c.door.answers.Release(c.holds)
	c.holds = 0
}

// hurry gives the client time to read the next part of a long answer.
func (c *call) hurry() {
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(stall)) // where the server can
}
