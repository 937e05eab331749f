package native

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/elide"
	"github.com/astrolabe-db/astrolabe/internal/guardrail"
	"github.com/astrolabe-db/astrolabe/internal/wire"
)

// elider shortens the large request that is about to be collected, if it may have a
// value that the guardrail refuses.
func (c *conn) elider(h wire.Header, size int) *wire.Elider {
	if c.s.opts.Guard == nil || c.state != ready {
		return nil
	}
	limit := c.s.opts.Guard.MostValue((*c.session.Load()).Caller().Name)
	if limit == guardrail.Off || int64(size) <= limit {
		return nil
	}
	return wire.NewElider(h, wire.ElideOptions{Limit: limit, Prepared: c.formOfPrepared, Text: c.formOfText})
}

// formOfPrepared tells of the values of a prepared statement. Of one that is not
// there nothing is known: Unprepared is the answer.
func (c *conn) formOfPrepared(id []byte) wire.FormOf {
	if st := c.s.prepared.get(id); st != nil {
		return formOf(st.prepared)
	}
	return nil
}

// formOfText tells of the values of a statement in a text, as far as the client may
// know how it fits the schema.
func (c *conn) formOfText(text []byte, cuts *elide.Cuts) wire.FormOf {
	keyspace := c.currentKeyspace()
	parsed, err := cql.Parse(string(text))
	if err != nil || (*c.session.Load()).Sees(parsed.Statement, keyspace) != nil {
		return nil
	}
	p, err := backend.PrepareOnce(elide.Context(c.ctx, cuts), c.s.backend, parsed.Statement, parsed.Markers, keyspace)
	if err != nil {
		return nil // the same error is the answer
	}
	return formOf(p)
}

// formOf tells of the values of p.
func formOf(p *backend.Prepared) wire.FormOf {
	return func(index int, name []byte) elide.Form {
		if name == nil {
			return guardrail.FormOf(p, index)
		}
		for i := range p.Bind {
			if p.Bind[i].Name == string(name) {
				return guardrail.FormOf(p, i)
			}
		}
		return elide.AnySize
	}
}

// context is what the back end is asked with.
func (r *request) context() context.Context { return elide.Context(r.c.ctx, r.cuts) }
