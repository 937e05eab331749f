package ddl

import (
	"context"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// build enters the existing rows in ix, a new index of the published catalog
// before, and publishes the catalog in which queries may use it. When that
// fails the index is taken away again.
//
// The index was published before any row is read, and the writers that did not
// know it are waited for, so that no row is missed: a row is either written by
// someone who knows the index, or there to be read.
func (c *Catalog) build(ctx context.Context, before *schema.Snapshot, ix *schema.Index) (*schema.Snapshot, error) {
	keyspace, t := find(before, ix)
	if t == nil {
		return nil, fmt.Errorf("index %s is of no table", ix.Name)
	}
	ix = t.Indexes[ix.Name]
	_, err := c.writers.wait(ctx)
	if err == nil && c.buildIndex != nil {
		err = c.buildIndex(ctx, t, ix)
	}
	next := t.WithoutIndex(ix.Name)
	if err == nil {
		built := *ix
		built.Building = false
		next = t.WithIndex(&built)
	}
	after, _, saveErr := c.save(before, before.WithKeyspace(keyspace.WithTable(next)), c.nextStorage)
	if saveErr != nil {
		return nil, saveErr
	}
	c.publish(after)
	return after, err
}

// find returns the keyspace and table of an index by its storage number.
func find(s *schema.Snapshot, ix *schema.Index) (*schema.Keyspace, *schema.Table) {
	for _, k := range s.Keyspaces {
		for _, t := range k.Tables {
			if own := t.Indexes[ix.Name]; own != nil && own.Storage == ix.Storage {
				return k, t
			}
		}
	}
	return nil, nil
}

// finishIndexes builds the indexes that were still building when the server
// stopped.
func (c *Catalog) finishIndexes(ctx context.Context) error {
	var unfinished []*schema.Index
	for _, k := range c.Snapshot().InOrder() {
		for _, t := range k.TablesInOrder() {
			for _, ix := range t.IndexesInOrder() {
				if ix.Building {
					unfinished = append(unfinished, ix)
				}
			}
		}
	}
	for _, ix := range unfinished {
		if _, err := c.build(ctx, c.Snapshot(), ix); err != nil {
			return fmt.Errorf("building index %s: %w", ix.Name, err)
		}
	}
	return nil
}
