// Package harness starts the real binary for tests: its own data directory,
// ports chosen by the system, its addresses and token read as a user would.
package harness

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTimeout bounds a start, gatewayTimeout that of a gateway, which first hears
// from its cluster, and stopTimeout an end: they are generous because test machines
// are busy.
const (
	startTimeout   = 2 * time.Minute
	gatewayTimeout = 5 * time.Minute
	stopTimeout    = time.Minute
)

// Server is a running binary.
type Server struct {
	// HTTP, CQL and GRPC are host:port; App too, for a demo.
	HTTP, CQL, GRPC, App string
	// Token is the administrator's; "" at a gateway that others were started
	// before.
	Token string
	// Data is the data directory.
	Data string
	// Authority is the PEM file to trust for TLS: the one beside the server's
	// certificate; "" when the server speaks plain text.
	Authority string
	// gateway: it stands in front of a cluster.
	gateway bool

	process *exec.Cmd
	output  Output
	exited  <-chan struct{}
	waitErr error
}

// Output collects what processes write, from several goroutines.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// String is all that was written.
func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Root is the repository's root, above the working directory: where tests and
// programs of this module are run, however they were built.
func Root() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "test", "harness")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			panic("the working directory is outside the repository")
		}
	}
}

// Binary is the built binary; the tests need `make build` first.
func Binary() string {
	if path := os.Getenv("ASTROLABE_BINARY"); path != "" {
		return path
	}
	return filepath.Join(Root(), "bin", "astrolabe")
}

// Start runs `astrolabe command` on dir with ports of the system's choice and
// waits until it is ready. The test's end stops it.
func Start(t testing.TB, command, dir string, args ...string) *Server {
	t.Helper()
	s, err := Launch(command, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the server: %v\n%s", err, s.Output())
		}
		if t.Failed() {
			t.Logf("the server's output:\n%s", s.Output())
		}
	})
	return s
}

// Launch is Start without a test.
func Launch(command, dir string, args ...string) (*Server, error) {
	all := []string{command, "--data", dir, "--http-port", "0", "--cql-port", "0", "--grpc-port", "0"}
	if command == "demo" {
		all = append(all, "--app-port", "0")
	}
	all = append(all, args...) // last, so that they may name ports
	s := &Server{Data: dir, gateway: slices.Contains(args, "--cassandra"), process: exec.Command(Binary(), all...)}
	s.process.Stdout, s.process.Stderr = &s.output, &s.output
	if err := os.Remove(filepath.Join(dir, "endpoints.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var err error
	if s.exited, err = StartProcess(s.process, func(err error) { s.waitErr = err }); err != nil {
		return nil, fmt.Errorf("starting %s (has `make build` run?): %w", Binary(), err)
	}
	if err := s.ready(command); err != nil {
		_ = s.process.Process.Kill()
		<-s.exited
		return nil, fmt.Errorf("%w\n%s", err, s.Output())
	}
	return s, nil
}

// ready waits for the addresses, the token and the health endpoint.
func (s *Server) ready(command string) error {
	patience := startTimeout
	if s.gateway {
		patience = gatewayTimeout
	}
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		select {
		case <-s.exited:
			return fmt.Errorf("the server ended: %w", s.waitErr)
		case <-time.After(5 * time.Millisecond):
		}
		if s.look(command) {
			return nil
		}
	}
	return errors.New("the server is not ready in time")
}

func (s *Server) look(command string) bool {
	text, err := os.ReadFile(filepath.Join(s.Data, "endpoints.json"))
	if err != nil {
		return false
	}
	var e struct{ HTTP, CQL, GRPC, Certificate string }
	if json.Unmarshal(text, &e) != nil {
		return false
	}
	token, err := os.ReadFile(filepath.Join(s.Data, "admin-token"))
	if err != nil && !s.gateway { // of gateways the first alone has it
		return false
	}
	s.HTTP, s.CQL, s.GRPC, s.Token = e.HTTP, e.CQL, e.GRPC, strings.TrimSpace(string(token))
	if e.Certificate != "" {
		s.Authority = filepath.Join(filepath.Dir(e.Certificate), "ca.crt")
	}
	if command == "demo" {
		_, rest, ok := strings.Cut(s.Output(), "User Profile "+s.Scheme()+"://")
		if !ok {
			return false
		}
		s.App, _, _ = strings.Cut(rest, "/")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Scheme()+"://"+s.HTTP+"/health/ready", nil)
	if err != nil {
		return false
	}
	client, err := s.Client()
	if err != nil {
		return false
	}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Kill ends the process with SIGKILL and waits for it.
func (s *Server) Kill() {
	_ = s.process.Process.Kill() // it may have ended already
	<-s.exited
}

// Stop ends the process with SIGTERM and waits; it must exit with 0 in time.
// Stopping a process that was killed is no error.
func (s *Server) Stop() error {
	select {
	case <-s.exited:
		var exit *exec.ExitError
		if errors.As(s.waitErr, &exit) && !exit.Exited() {
			return nil // by a signal: the test killed it
		}
		return s.waitErr
	default:
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.exited:
		return s.waitErr
	case <-time.After(stopTimeout):
		_ = s.process.Process.Signal(syscall.SIGQUIT) // its goroutines tell what it waits for
		select {
		case <-s.exited:
		case <-time.After(10 * time.Second):
			s.Kill()
		}
		return fmt.Errorf("the server did not stop within %v of SIGTERM", stopTimeout)
	}
}

// Scheme of the URLs of the server's HTTP ports.
func (s *Server) Scheme() string {
	if s.Authority == "" {
		return "http"
	}
	return "https"
}

// Client is an HTTP client that trusts the server's authority.
func (s *Server) Client() (*http.Client, error) {
	if s.Authority == "" {
		return &http.Client{}, nil
	}
	text, err := os.ReadFile(s.Authority)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("no certificate in " + s.Authority)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}, nil
}

// PID of the process.
func (s *Server) PID() int { return s.process.Process.Pid }

// Output is what the process has printed so far.
func (s *Server) Output() string { return s.output.String() }
