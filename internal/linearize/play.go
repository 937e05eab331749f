package linearize

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
)

// keys are the registers: even ones are written by lightweight transactions, odd
// ones by plain statements.
const keys = 6

// Play creates a table in a new keyspace and lets each session do a number of
// operations on its rows, all at once. It returns what happened.
func Play(ctx context.Context, sessions []conformance.Session, seed uint64, operations int) ([]porcupine.Operation, error) {
	for _, s := range []string{
		"DROP KEYSPACE IF EXISTS linearize",
		"CREATE KEYSPACE linearize WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE linearize.registers (k int PRIMARY KEY, v int)",
	} {
		if _, err := ask(ctx, sessions[0], s); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	histories := make([][]porcupine.Operation, len(sessions))
	failures := make([]error, len(sessions))
	var wg sync.WaitGroup
	for id, s := range sessions {
		wg.Go(func() {
			c := client{id: id, session: s, rng: rand.New(rand.NewPCG(seed, uint64(id))), began: began}
			histories[id], failures[id] = c.work(ctx, operations)
		})
	}
	wg.Wait()
	var all []porcupine.Operation
	for _, h := range histories {
		all = append(all, h...)
	}
	return all, errors.Join(failures...)
}

// Check reports whether a history is linearizable; it gives up after a minute.
func Check(history []porcupine.Operation) error {
	if r := porcupine.CheckOperationsTimeout(model, history, time.Minute); r != porcupine.Ok {
		return fmt.Errorf("the history of %d operations: %s", len(history), r)
	}
	return nil
}

// client is one session at work.
type client struct {
	id      int
	session conformance.Session
	rng     *rand.Rand
	began   time.Time
	// seen is what the client has last seen of each register.
	seen [keys]int
	next int
}

func (c *client) work(ctx context.Context, operations int) ([]porcupine.Operation, error) {
	var history []porcupine.Operation
	for range operations {
		in := c.draw()
		call := time.Since(c.began)
		out, err := c.do(ctx, in)
		if err != nil {
			return history, fmt.Errorf("%+v: %w", in, err)
		}
		history = append(history, porcupine.Operation{ClientId: c.id, Input: in, Output: out, Call: int64(call), Return: int64(time.Since(c.began))})
	}
	return history, nil
}

// draw makes up an operation; each value is written once.
func (c *client) draw() input {
	c.next++
	in := input{key: c.rng.IntN(keys), to: 1 + c.id + 1000*c.next}
	n := c.rng.IntN(10)
	switch {
	case n < 3:
		in.kind = read
	case in.key%2 == 1 && n < 8:
		in.kind = write
	case in.key%2 == 1:
		in.kind = remove
	case c.seen[in.key] == none && n < 9:
		in.kind = create
	case n < 9:
		in.kind, in.from = swap, c.seen[in.key]
	default:
		in.kind = destroy
	}
	if in.kind == remove || in.kind == destroy {
		in.to = none
	}
	return in
}

func (in input) statement() string {
	switch in.kind {
	case write:
		return fmt.Sprintf("INSERT INTO linearize.registers (k, v) VALUES (%d, %d)", in.key, in.to)
	case remove:
		return fmt.Sprintf("DELETE FROM linearize.registers WHERE k = %d", in.key)
	case swap:
		return fmt.Sprintf("UPDATE linearize.registers SET v = %d WHERE k = %d IF v = %d", in.to, in.key, in.from)
	case create:
		return fmt.Sprintf("INSERT INTO linearize.registers (k, v) VALUES (%d, %d) IF NOT EXISTS", in.key, in.to)
	case destroy:
		// The condition tells the value too when it does not hold.
		return fmt.Sprintf("DELETE FROM linearize.registers WHERE k = %d IF EXISTS", in.key)
	}
	return fmt.Sprintf("SELECT v FROM linearize.registers WHERE k = %d", in.key)
}

func (c *client) do(ctx context.Context, in input) (output, error) {
	a, err := ask(ctx, c.session, in.statement())
	if err != nil {
		return output{}, err
	}
	var out output
	for i, col := range a.Columns {
		if len(a.Rows) == 0 || a.Rows[0][i] == nil {
			continue
		}
		switch cell := a.Rows[0][i]; col.Name {
		case "[applied]":
			out.applied = cell[0] == 1
		case "v":
			out.value = int(binary.BigEndian.Uint32(cell))
		}
	}
	c.seen[in.key] = out.value
	if out.applied || in.kind == write {
		c.seen[in.key] = in.to
	}
	return out, nil
}

func ask(ctx context.Context, s conformance.Session, statement string) (*conformance.Answer, error) {
	a, err := s.Run(ctx, conformance.Request{Statement: statement})
	if err == nil && a.Err != nil {
		err = a.Err
	}
	return a, err
}
