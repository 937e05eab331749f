package exec

import (
	"context"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/engine/plan"
)

// Truncate removes all rows of a table and the entries of its indexes,
// whatever their timestamps; writes that come after it stay.
func (db *DB) Truncate(ctx context.Context, p *plan.Truncate) (*backend.Result, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b := db.Store.NewBatch()
	b.DropTable(p.Table.Storage)
	for _, ix := range p.Indexes {
		b.DropIndex(ix.ID)
	}
	if err := b.Commit(); err != nil {
		return nil, err
	}
	return &backend.Result{Kind: backend.Void}, nil
}
