package access

import (
	"context"
	"net"
	"net/netip"
)

// clientKey is the key of WithClient's value.
type clientKey struct{}

// WithClient tells those who authenticate within ctx where the client is. A
// server does so once a connection.
func WithClient(ctx context.Context, c net.Conn) context.Context {
	return WithAddress(ctx, c.RemoteAddr())
}

// WithAddress is WithClient by the client's address alone.
func WithAddress(ctx context.Context, client net.Addr) context.Context {
	address, ok := client.(*net.TCPAddr)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, clientKey{}, address.AddrPort().Addr().Unmap().WithZone(""))
}

// clientOf is the address of WithClient, the zero one if it is not known.
func clientOf(ctx context.Context) netip.Addr {
	address, _ := ctx.Value(clientKey{}).(netip.Addr)
	return address
}
