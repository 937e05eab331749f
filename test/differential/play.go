package main

import (
	"context"
	"fmt"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
)

// play compares the cases of files, and prints both answers to each.
func (o *options) play(ctx context.Context, p pair) error {
	for _, path := range o.files {
		f, err := conformance.ReadFile(path)
		if err != nil {
			return err
		}
		keyspace := p.keyspace()
		if err := p.create(ctx, keyspace); err != nil {
			return err
		}
		for _, c := range f.Cases {
			d, err := p.compare(ctx, c)
			if err != nil {
				fmt.Printf("%s\n%v\n\n", c.Statement, err)
				continue
			}
			verdict := "same"
			if !same(d.ours, d.theirs) {
				verdict = "DIFFERENT"
			}
			fmt.Printf("%s\n%s\n%s\n\n", c.Statement, verdict, d)
		}
		p.drop <- keyspace
	}
	return nil
}
