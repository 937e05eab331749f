package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
)

// listen opens one port; the error names the flag and what is wrong.
func listen(flag, host string, port int) (net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("%s: %d is not a port", flag, port)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s: port %d of %s is taken by another process", flag, port, host)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return l, nil
}

// reachable is the listener's address as drivers can reach it: a wildcard
// address would break them, so loopback stands in for it.
func reachable(l net.Listener) (netip.AddrPort, error) {
	address, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return address, fmt.Errorf("--listen: %w", err)
	}
	if address.Addr().IsUnspecified() {
		address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), address.Port())
	}
	return address, nil
}

// advertised is what drivers are told of where the CQL port is: text, which may
// leave out the port, or else the address that is listened on.
func advertised(ctx context.Context, text string, listening netip.AddrPort) (netip.AddrPort, error) {
	if text == "" {
		return listening, nil
	}
	if _, _, err := net.SplitHostPort(text); err != nil {
		text = net.JoinHostPort(strings.Trim(text, "[]"), strconv.Itoa(int(listening.Port())))
	}
	address, err := resolve(ctx, text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("--advertise: %w", err)
	}
	if address.Addr().IsUnspecified() {
		return netip.AddrPort{}, fmt.Errorf("--advertise: drivers can't connect to %s", address.Addr())
	}
	return address, nil
}

// resolve looks up host:port.
func resolve(ctx context.Context, text string) (netip.AddrPort, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return netip.AddrPort{}, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is not a port", port)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(ips[0].Unmap(), uint16(number)), nil
}
