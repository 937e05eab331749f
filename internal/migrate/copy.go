package migrate

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// maxInFlight bounds the rows that are read and not yet written, in bytes.
const maxInFlight = 64 << 20

// copyTable writes the rows of t that are not noted as done.
func (m *migration) copyTable(ctx context.Context, t *schema.Table) error {
	at := m.state.of(t)
	m.meter.start("copying", t.String())
	m.meter.skip(at.copied)
	if at.done {
		return nil
	}
	c := &copier{
		migration: m, table: t, run: newExecutor(m.Target, m.Patience), memory: semaphore.NewWeighted(maxInFlight),
		chunks: make(chan *chunk), done: make(chan *chunk, m.Concurrency), note: at,
	}
	if err := c.copy(ctx); err != nil {
		return err
	}
	c.note.done = true
	return m.state.save(ctx, t, c.note)
}

// copier copies one table: one goroutine reads, several write, one notes.
type copier struct {
	*migration
	table  *schema.Table
	run    *executor
	memory *semaphore.Weighted
	chunks chan *chunk
	done   chan *chunk
	note   note
}

func (c *copier) copy(ctx context.Context) error {
	all, ctx := errgroup.WithContext(ctx)
	writers, writing := errgroup.WithContext(ctx)
	all.Go(func() error { return c.read(writing) })
	for range c.Concurrency {
		writers.Go(func() error { return c.write(writing) })
	}
	all.Go(func() error {
		defer close(c.done)
		return writers.Wait()
	})
	all.Go(func() error { return c.keepNotes(ctx) })
	return all.Wait()
}

// read cuts the rows into chunks.
func (c *copier) read(ctx context.Context) error {
	defer close(c.chunks)
	next := &chunk{}
	var partition, done []byte // the one being read, and the last that was read whole
	for r, err := range c.Source.Rows(ctx, c.table, backend.StoredRange{After: c.note.position, Now: time.Now().Unix()}) {
		if err != nil {
			return fmt.Errorf("reading: %w", err)
		}
		if !bytes.Equal(partition, r.Partition) || partition == nil {
			done, partition = partition, append([]byte{}, r.Partition...)
		}
		next.done = done
		if next.full() {
			if err := c.send(ctx, next); err != nil {
				return err
			}
			next = &chunk{number: next.number + 1, done: done}
		}
		next.add(r)
	}
	if len(next.rows) == 0 {
		return ctx.Err()
	}
	next.done = partition
	return c.send(ctx, next)
}

func (c *copier) send(ctx context.Context, k *chunk) error {
	if err := c.memory.Acquire(ctx, weight(k)); err != nil {
		return err
	}
	select {
	case c.chunks <- k:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func weight(k *chunk) int64 { return min(int64(k.bytes), maxInFlight) }

// write is a worker.
func (c *copier) write(ctx context.Context) error {
	w := newRowWriter(c.table)
	w.noClock = c.NoClock
	for k := range c.chunks {
		for i := range k.rows {
			if err := c.writeRow(ctx, w, &k.rows[i]); err != nil {
				return fmt.Errorf("writing row %s: %w", keyText(c.table, &k.rows[i]), err)
			}
			c.meter.add(1)
		}
		c.memory.Release(weight(k))
		k.written, k.rows = len(k.rows), nil
		select {
		case c.done <- k:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *copier) writeRow(ctx context.Context, w *rowWriter, r *backend.StoredRow) error {
	if c.table.Counter {
		return w.writeCounters(ctx, c.run, r, c.resumed)
	}
	now := time.Now().Unix()
	for _, s := range w.statements(r, now) {
		if err := c.run.retry(ctx, func(int) error { _, err := c.run.run(ctx, s); return err }); err != nil {
			return err
		}
	}
	return w.writeLists(ctx, c.run, r, c.resumed, now)
}

// notePeriod is how often the progress is noted on the target.
const notePeriod = time.Second

// keepNotes notes the chunks that are done together with all before them.
func (c *copier) keepNotes(ctx context.Context) error {
	early := map[int]*chunk{} // done before their turn, without their rows
	next, saved := 0, time.Now()
	for k := range c.done {
		early[k.number] = k
		for k = early[next]; k != nil; k = early[next] {
			delete(early, next)
			next++
			c.note.copied += int64(k.written)
			if k.done != nil {
				c.note.position = k.done
			}
		}
		if time.Since(saved) < notePeriod {
			continue
		}
		if err := c.state.save(ctx, c.table, c.note); err != nil {
			return err
		}
		saved = time.Now()
	}
	return nil
}

// keyText shows a row's primary key in errors.
func keyText(t *schema.Table, r *backend.StoredRow) string {
	key, ok := cqltype.SplitPartitionKey(nil, r.Partition, len(t.PartitionKey))
	if !ok {
		return fmt.Sprintf("%x", r.Partition)
	}
	key = append(key, r.Clustering...)
	text := ""
	for i, c := range append(append([]*schema.Column(nil), t.PartitionKey...), t.Clustering...) {
		if i >= len(key) {
			break
		}
		if i > 0 {
			text += ", "
		}
		text += cqltype.QuoteIdentifier(c.Name) + " = " + string(c.Type.AppendLiteral(nil, key[i]))
	}
	return text
}
