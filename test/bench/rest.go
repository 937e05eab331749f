package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// bareEnv makes this program run the bare handler instead of the benchmark.
const bareEnv = "ASTROLABE_BENCH_BARE"

// serveBare is what REST is compared with: net/http and nothing else, answering
// the bytes it was given. It prints its address and serves until it is killed.
func serveBare(getAnswer string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	answer := []byte(getAnswer)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
			if err != nil {
				return
			}
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(body)
			return
		}
		_, _ = w.Write(answer)
	}))
}

// startBare runs serveBare in a process of its own, to measure its CPU.
func startBare(answer string) (addr string, process *os.Process, err error) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), bareEnv+"="+answer)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	return strings.TrimSpace(line), c.Process, err
}

// httpConn is a keep-alive HTTP/1.1 connection that sends prepared requests and
// reads answers with net/http's parser.
type httpConn struct {
	conn net.Conn
	r    *bufio.Reader
}

func dialHTTP(addr string) (*httpConn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &httpConn{c, bufio.NewReader(c)}, nil
}

// do sends raw and returns the body of the answer, which must have the status.
func (h *httpConn) do(raw []byte, status int) ([]byte, error) {
	if _, err := h.conn.Write(raw); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(h.r, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err == nil && answer.StatusCode != status {
		err = fmt.Errorf("status %d: %s", answer.StatusCode, body)
	}
	return body, err
}

const restPath = "/v2/keyspaces/bench/users"

func getRequest(addr, token string, key uint32) []byte {
	return fmt.Appendf(nil, "GET %s/%d HTTP/1.1\r\nHost: %s\r\nX-Cassandra-Token: %s\r\n\r\n", restPath, key, addr, token)
}

func postRequest(addr, token string, key uint32) []byte {
	body := fmt.Sprintf(`{"id":%d,"firstname":"John","lastname":"Smith","email":"john.smith.%d@example.com","created":%d}`, key, key, key)
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nX-Cassandra-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		restPath, addr, token, len(body), body)
}

// restLoad measures GET and POST at one address.
type restLoad struct {
	addr, token string
	conns       []*httpConn
}

func newRESTLoad(addr, token string, inFlight int) (*restLoad, error) {
	l := &restLoad{addr: addr, token: token}
	for range inFlight {
		c, err := dialHTTP(addr)
		if err != nil {
			return nil, err
		}
		l.conns = append(l.conns, c)
	}
	return l, nil
}

func (l *restLoad) close() {
	for _, c := range l.conns {
		_ = c.conn.Close() // the measurement is over
	}
}

func (l *restLoad) get(slot int, rng *rand.Rand) error {
	body, err := l.conns[slot].do(getRequest(l.addr, l.token, rng.Uint32N(keys)), http.StatusOK)
	if err == nil && !bytes.Contains(body, []byte("John")) {
		err = fmt.Errorf("the row is missing: %s", body)
	}
	return err
}

func (l *restLoad) post(slot int, rng *rand.Rand) error {
	_, err := l.conns[slot].do(postRequest(l.addr, l.token, rng.Uint32N(keys)), http.StatusCreated)
	return err
}

// measureREST compares GET and POST of the server with the bare handler's.
func measureREST(addr, token string, pid int, length time.Duration) ([]pair, error) {
	one, err := dialHTTP(addr)
	if err != nil {
		return nil, err
	}
	defer one.conn.Close()
	answer, err := one.do(getRequest(addr, token, 1), http.StatusOK)
	if err != nil {
		return nil, err
	}
	bareAddr, bare, err := startBare(string(answer))
	if err != nil {
		return nil, err
	}
	defer bare.Kill()
	var pairs []pair
	for _, inFlight := range []int{1, 16, 64} {
		ours, err := newRESTLoad(addr, token, inFlight)
		if err != nil {
			return nil, err
		}
		theirs, err := newRESTLoad(bareAddr, token, inFlight)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs,
			measure("GET by key", inFlight, func() figures { return run(pid, inFlight, length, ours.get) },
				func() figures { return run(bare.Pid, inFlight, length, theirs.get) }),
			measure("POST", inFlight, func() figures { return run(pid, inFlight, length, ours.post) },
				func() figures { return run(bare.Pid, inFlight, length, theirs.post) }))
		ours.close()
		theirs.close()
	}
	return pairs, nil
}
