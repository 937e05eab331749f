package main

import (
	"errors"
	"maps"
	"net"
	"slices"

	"github.com/astrolabe-db/astrolabe/internal/server"
)

// apiFlags are the flags about the HTTP APIs.
type apiFlags struct {
	Profile       string `name:"api-profile" help:"Which server the HTTP APIs answer like: v2 (Stargate v2, late Astra) or v1 (Stargate v1, old Astra)." enum:"v2,v1" default:"v2" env:"ASTROLABE_API_PROFILE"`
	StargatePorts bool   `name:"stargate-ports" help:"Serve the APIs on the ports of Stargate's services, too." env:"ASTROLABE_STARGATE_PORTS"`
	RESTCQL       bool   `name:"rest-cql" help:"Answer POST /v2/cql, which runs one CQL statement." env:"ASTROLABE_REST_CQL"`
	CompactMaps   bool   `name:"rest-compact-maps" help:"Maps are JSON objects where a request has no compactMapData; else arrays of {key, value}." default:"true" negatable:"" env:"ASTROLABE_REST_COMPACT_MAPS"`
	UsernameToken bool   `name:"auth-username-token" help:"Answer POST /v1/admin/auth/usernametoken, which gives a token for a name without a password: whoever reaches the port can be anybody." env:"ASTROLABE_AUTH_USERNAME_TOKEN"`
}

func (f *apiFlags) options() server.APIOptions {
	return server.APIOptions{OldProfile: f.Profile == "v1", CQL: f.RESTCQL, ArrayMaps: !f.CompactMaps, UsernameToken: f.UsernameToken}
}

// listen opens Stargate's ports, if they are asked for.
func (f *apiFlags) listen(host string) (map[int]net.Listener, error) {
	if !f.StargatePorts {
		return nil, nil
	}
	open := map[int]net.Listener{}
	for _, p := range server.StargatePorts {
		l, err := listen("--stargate-ports", host, p.Port)
		if err != nil {
			return nil, errors.Join(err, closeAll(slices.Collect(maps.Values(open))))
		}
		open[p.Port] = l
	}
	return open, nil
}

// stargateGRPC is Stargate's port of the gRPC API.
const stargateGRPC = 8090

// listenGRPC opens the gRPC API's port, and Stargate's if that is another and
// is asked for.
func (c *serveFlags) listenGRPC() ([]net.Listener, error) {
	first, err := listen("--grpc-port", c.Listen, c.GRPCPort)
	if err != nil {
		return nil, err
	}
	open := []net.Listener{first}
	if c.APIs.StargatePorts && c.GRPCPort != stargateGRPC {
		second, err := listen("--stargate-ports", c.Listen, stargateGRPC)
		if err != nil {
			return nil, errors.Join(err, first.Close())
		}
		open = append(open, second)
	}
	return open, nil
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}
