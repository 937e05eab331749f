package harness

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// The range from which FreePort takes ports: below those that systems give to
// whoever asks for any, servers and clients' ends of connections alike, so that a
// port that is let go for a while, or told to another process, stays free.
const (
	firstPort = 10_240
	lastPort  = 32_000
	portTries = 1000
)

// FreePort is a port that nothing listens on at any of the addresses, chosen at
// random so that packages whose tests run at once do not take the same. A server
// that is started again at its port, or can't choose one itself, needs it.
func FreePort(addresses ...string) (int, error) {
	var err error
	for range portTries {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if err = listens(port, addresses); err == nil {
			return port, nil
		}
	}
	return 0, fmt.Errorf("no port is free: %w", err)
}

func listens(port int, addresses []string) error {
	for _, address := range addresses {
		l, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}
