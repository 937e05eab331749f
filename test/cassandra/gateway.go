package cassandra

import (
	"context"
	"errors"
	"os"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// Gateway is a node with a gateway in front of it.
type Gateway struct {
	Node *Node
	*harness.Server
}

// StartGateway starts a node and, when it answers, a gateway in front of it, which
// is as patient as a node with Options.Patient.
func StartGateway(ctx context.Context, o Options) (*Gateway, error) {
	node, err := Start(ctx, o)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Node: node}
	dir, err := os.MkdirTemp("", "gateway-")
	if err == nil {
		g.Server, err = harness.Launch("serve", dir, "--cassandra", node.Addr, "--cassandra-timeout", "2m")
	}
	if err != nil {
		return nil, errors.Join(err, g.Stop(), os.RemoveAll(dir))
	}
	return g, nil
}

// Stop ends both and deletes their directories.
func (g *Gateway) Stop() error {
	var errs []error
	if g.Server != nil {
		errs = append(errs, g.Server.Stop(), os.RemoveAll(g.Data))
	}
	return errors.Join(append(errs, g.Node.Stop())...)
}
