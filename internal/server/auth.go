package server

import (
	"context"
	"net/http"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/gateway/console"
	"github.com/astrolabe-db/astrolabe/internal/gateway/devops"
	"github.com/astrolabe-db/astrolabe/internal/gateway/document"
	"github.com/astrolabe-db/astrolabe/internal/gateway/graphql/exec"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc"
	"github.com/astrolabe-db/astrolabe/internal/gateway/native"
	"github.com/astrolabe-db/astrolabe/internal/gateway/rest"
)

// The doors each say what they need of access control; these three lines a door
// give them the one store behind it, by the way in that each of them is.

type nativeAuth struct{ way *access.Door }

func (a nativeAuth) Login(ctx context.Context, user, password string) (native.Session, error) {
	p, err := a.way.Login(ctx, user, password)
	if err != nil {
		return nil, err
	}
	return p, nil
}

type restAuth struct{ way *access.Door }

func (a restAuth) Token(ctx context.Context, token string) (rest.Session, error) {
	p, err := a.way.Token(ctx, token)
	if err != nil {
		return nil, err
	}
	return p, nil
}

type documentAuth struct{ way *access.Door }

func (a documentAuth) Token(ctx context.Context, token string) (document.Session, error) {
	p, err := a.way.Token(ctx, token)
	if err != nil {
		return nil, err
	}
	return p, nil
}

type grpcAuth struct{ way *access.Door }

// Token implements grpc.Authenticator.
func (a grpcAuth) Token(ctx context.Context, token string) (grpc.Session, error) {
	p, err := a.way.Token(ctx, token)
	if err != nil {
		return nil, err
	}
	return p, nil
}

type consoleAuth struct{ way *access.Door }

func (a consoleAuth) Token(ctx context.Context, token string) (console.Principal, error) {
	p, err := a.way.Token(ctx, token)
	if err != nil {
		return nil, err
	}
	return p, nil
}

type graphqlAuth struct{ way *access.Door }

func (a graphqlAuth) Token(ctx context.Context, token string) (exec.Session, error) {
	p, err := a.way.Token(ctx, token)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// organization gives the console's sessions the DevOps API.
func organization(door *devops.Handler) func(http.ResponseWriter, *http.Request, console.Principal) {
	return func(w http.ResponseWriter, r *http.Request, p console.Principal) {
		who, ok := p.(*access.Principal) // what consoleAuth gave it
		if !ok {
			http.Error(w, "no principal", http.StatusInternalServerError)
			return
		}
		door.ServeAs(w, r, who)
	}
}
