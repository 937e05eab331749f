package access

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

// When tokens end and when they were last used stands in a table of its own,
// token_life: one that is written to as tokens are used, whose rows mean nothing
// without the token itself. So a late note of a use can't bring back a revoked
// token.

// lifeTable holds both times; a token that never ends, or was never used, has none.
const lifeTable = `CREATE TABLE IF NOT EXISTS astrolabe.token_life (client_id text PRIMARY KEY, expires timestamp, used timestamp)`

const (
	// usePrecision is how exactly the last use of a token is known.
	usePrecision = time.Minute
	// keepTimeout bounds the writing of last uses.
	keepTimeout = 10 * time.Second
)

// use is when a token was last used; the tokens of one client id share it.
type use struct {
	// last is in Unix seconds, 0 for never; kept is what the table has.
	last, kept atomic.Int64
}

// note records a use now, if the last one is long enough ago.
func (u *use) note(now time.Time) {
	seconds := now.Unix()
	if last := u.last.Load(); seconds-last >= int64(usePrecision/time.Second) {
		u.last.CompareAndSwap(last, seconds)
	}
}

// LastUsed is when the token was last used, to the minute; zero for never.
func (t *Token) LastUsed() time.Time {
	if seconds := t.use.last.Load(); seconds > 0 {
		return time.Unix(seconds, 0).UTC()
	}
	return time.Time{}
}

// ended reports whether the token has expired.
func (t *Token) ended(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// loadLife reads token_life into the tokens of st, which are loaded. What is
// known in memory of uses is newer.
func (s *Store) loadLife(ctx context.Context, st *state) error {
	before := s.state.Load()
	for id, t := range st.tokens {
		if before != nil && before.tokens[id] != nil {
			t.use = before.tokens[id].use
		}
	}
	rows, err := s.run(ctx, `SELECT client_id, expires, used FROM astrolabe.token_life`)
	if err != nil {
		return err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		t := st.tokens[string(c.Next())]
		expires, used := timeOf(c.Next()), timeOf(c.Next())
		if t == nil {
			continue
		}
		t.Expires = expires
		if seconds := used.Unix(); !used.IsZero() && seconds > t.use.last.Load() {
			t.use.last.Store(seconds)
			t.use.kept.Store(seconds)
		}
	}
	return nil
}

// insertLife writes when a token ends.
func (s *Store) insertLife(ctx context.Context, t *Token) error {
	_, err := s.run(ctx, `INSERT INTO astrolabe.token_life (client_id, expires) VALUES (?, ?)`, []byte(t.ClientID), timestamp(t.Expires))
	return err
}

// keepUses writes the last uses that the table does not have.
func (s *Store) keepUses(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	for id, t := range s.state.Load().tokens {
		last := t.use.last.Load()
		if last == t.use.kept.Load() {
			continue
		}
		if _, err := s.run(ctx, `UPDATE astrolabe.token_life SET used = ? WHERE client_id = ?`, timestamp(time.Unix(last, 0)), []byte(id)); err != nil {
			return err
		}
		t.use.kept.Store(last)
	}
	return nil
}

// keepUsesUntil does so now and then, and a last time when ctx ends.
func (s *Store) keepUsesUntil(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(usePrecision)
	defer tick.Stop()
	for done := false; !done; {
		select {
		case <-ctx.Done():
			done = true
		case <-tick.C:
		}
		if err := s.keepUses(context.WithoutCancel(ctx)); err != nil {
			log.Debug("the last uses of tokens could not be written", "reason", err)
		}
	}
}
