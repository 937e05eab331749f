package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// Session is a connection that statements run on, one after the other. USE
// changes its keyspace.
type Session interface {
	// Run executes a statement and reads all pages of its answer. What the server
	// refuses is the answer's Err; an error means that there is no answer.
	Run(ctx context.Context, r Request) (*Answer, error)
}

// Request is a statement and how to run it.
type Request struct {
	Statement string
	// Batch is sent instead of Statement when not nil.
	Batch *Batch
	// Values are bound when not nil: the statement is prepared then.
	Values []Value
	// PageSize in rows, 0 for one page.
	PageSize int
	// Now is the request's now_in_seconds when HasNow.
	Now    int32
	HasNow bool
}

// Logins is a Session that can open others as somebody else, for @as and @login.
type Logins interface {
	Session
	// Login opens a session as user. What the server refuses is a *cqlerr.Error.
	Login(user, password string) (Session, error)
	// Close ends the session.
	Close()
}

// Result is what came of a case.
type Result struct {
	Case *Case
	// Got is the answer in the form of Case.Answer.
	Got string
	// Skipped says why the answers are not to be compared, "" when they are.
	Skipped string
}

// Agrees reports whether the answer is the recorded one.
func (r Result) Agrees() bool { return r.Skipped != "" || r.Got == r.Case.Answer }

// Play runs all cases of f in a new keyspace, which it drops again unless f.Keep,
// and calls each with every result.
func (f *File) Play(ctx context.Context, s Session, each func(Result)) error {
	drop := "DROP KEYSPACE IF EXISTS " + f.Keyspace
	for _, statement := range []string{
		drop,
		"CREATE KEYSPACE " + f.Keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"USE " + f.Keyspace,
	} {
		if err := run(ctx, s, statement); err != nil {
			return err
		}
	}
	users := logins{main: s, open: map[string]Session{}}
	defer users.close()
	for _, c := range f.Cases {
		got, err := c.play(ctx, &users)
		if err != nil {
			return fmt.Errorf("%s.cql:%d: %s: %w", f.Name, c.Line, c.Statement, err)
		}
		each(Result{Case: c, Got: got, Skipped: c.Differs})
	}
	if f.Keep {
		return nil
	}
	return run(ctx, s, drop)
}

// Request is c as a Session takes it.
func (c *Case) Request() (Request, error) {
	values, err := c.BindValues()
	if err != nil {
		return Request{}, err
	}
	if values == nil && c.HasBind {
		values = []Value{}
	}
	batch, err := c.batch()
	return Request{Statement: c.Statement, Batch: batch, Values: values, PageSize: c.PageSize, Now: c.Now, HasNow: c.HasNow}, err
}

// run executes a statement that must succeed.
func run(ctx context.Context, s Session, statement string) error {
	a, err := s.Run(ctx, Request{Statement: statement})
	if err == nil && a.Err != nil {
		err = a.Err
	}
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (c *Case) play(ctx context.Context, users *logins) (string, error) {
	r, err := c.Request()
	if err != nil {
		return "", err
	}
	select {
	case <-time.After(c.Sleep):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	s, err := users.session(c)
	var refusal *cqlerr.Error
	if errors.As(err, &refusal) {
		return Refused(refusal).Format(c), nil
	}
	if err != nil {
		return "", err
	}
	for asked := 1; ; asked++ {
		a, err := s.Run(ctx, r)
		if err != nil {
			return "", err
		}
		got := a.Format(c)
		if !c.Eventually || got == c.Answer || asked == mostAsked {
			return got, nil
		}
		time.Sleep(askAgain)
	}
}

// How often, and after how long, an @eventually is asked again.
const (
	mostAsked = 100
	askAgain  = 300 * time.Millisecond
)

// logins keeps the sessions of a file by who logged in.
type logins struct {
	main Session
	open map[string]Session
}

// session returns the session that c runs on.
func (l *logins) session(c *Case) (Session, error) {
	if c.User == "" {
		return l.main, nil
	}
	key := c.User + " " + c.Password
	if s := l.open[key]; s != nil && !c.Login {
		return s, nil
	}
	main, ok := l.main.(Logins)
	if !ok {
		return nil, errors.New("@as and @login need a server with logins")
	}
	s, err := main.Login(c.User, c.Password)
	if err != nil {
		return nil, err
	}
	l.closeOne(key)
	l.open[key] = s
	return s, nil
}

func (l *logins) closeOne(key string) {
	if s, ok := l.open[key].(Logins); ok {
		s.Close()
	}
}

func (l *logins) close() {
	for key := range l.open {
		l.closeOne(key)
	}
}

// Refused returns the answer of a statement that err refuses.
func Refused(err error) *Answer { return &Answer{Err: cqlerr.From(err)} }
