package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/jwt"
)

// webTokenFlags are the flags about JSON Web Tokens.
type webTokenFlags struct {
	Keys string `name:"jwt-jwks" help:"Let in who comes with a JSON Web Token, too: signed (RS256, ES256) with a key of the JSON Web Key Set at this URL or in this file. Off if not given." placeholder:"URL|FILE" env:"ASTROLABE_JWT_JWKS"`
}

// open makes JSON Web Tokens tokens, if they are to be. The verifier is nil if not.
func (f *webTokenFlags) open(ctx context.Context, store *access.Store, log *slog.Logger) (*jwt.Verifier, error) {
	if f.Keys == "" {
		return nil, nil
	}
	v, err := jwt.Open(ctx, jwt.Options{Keys: f.Keys, Log: log})
	if err != nil {
		return nil, fmt.Errorf("--jwt-jwks: %w", err)
	}
	store.UseWebTokens(v)
	return v, nil
}

// closeWebTokens ends the reading of keys.
func (n *node) closeWebTokens() {
	if n.webTokens != nil {
		n.webTokens.Close()
	}
}
