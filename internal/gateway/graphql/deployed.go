package graphql

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/schemafirst"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/statement"
)

// deployed are the schemas that were deployed for keyspaces. What this server
// deploys counts at once; what another one deploys on the same cluster is found
// out after deployedFresh.
type deployed struct {
	sources schemafirst.Sources
	mu      sync.Mutex
	kept    map[string]*deployedSchema
}

type deployedSchema struct {
	checked time.Time
	version uuid.UUID
	schema  *endpointSchema // nil: none is deployed
}

// of returns the schema that is deployed for a keyspace, nil for none.
func (d *deployed) of(ctx context.Context, back backend.Backend, keyspace string) (*endpointSchema, error) {
	if !d.sources.Exist() {
		return nil, nil
	}
	d.mu.Lock()
	found := d.kept[keyspace]
	d.mu.Unlock()
	if found != nil && time.Since(found.checked) < deployedFresh {
		return found.schema, nil
	}
	latest, err := d.sources.Latest(ctx, keyspace)
	if err != nil {
		return nil, err
	}
	made := &deployedSchema{checked: time.Now()}
	switch {
	case latest == nil:
	case found != nil && found.version == latest.Version:
		made.version, made.schema = found.version, found.schema
	default:
		made.version = latest.Version
		model, invalid := schemafirst.Parse(keyspace, latest.Contents)
		if invalid != nil || len(model.Problems) > 0 {
			break // another server may know more; the tables can be used without it
		}
		made.schema = newEndpointSchema(nil, schemafirst.New(model, statement.NewRunner(back)))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= maxSchemas {
		d.kept = map[string]*deployedSchema{}
	}
	d.kept[keyspace] = made
	return made.schema, nil
}

// forget has the schema of a keyspace looked up anew.
func (d *deployed) forget(keyspace string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.kept, keyspace)
}
