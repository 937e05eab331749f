package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
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

// restTable is what rows are read from and written to.
type restTable struct {
	suffix string // of the measurements' names
	path   string
	keys   uint32
	body   func(key uint32) string
}

func (t *restTable) getRequest(addr, token string, key uint32) []byte {
	return fmt.Appendf(nil, "GET %s/%d HTTP/1.1\r\nHost: %s\r\nX-Cassandra-Token: %s\r\n\r\n", t.path, key, addr, token)
}

func (t *restTable) postRequest(addr, token string, key uint32) []byte {
	body := t.body(key)
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nX-Cassandra-Token: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		t.path, addr, token, len(body), body)
}

// restUsers has rows of five columns.
var restUsers = restTable{path: "/v2/keyspaces/bench/users", keys: keys, body: func(key uint32) string {
	return fmt.Sprintf(`{"id":%d,"firstname":"John","lastname":"Smith","email":"john.smith.%d@example.com","created":%d}`, key, key, key)
}}

// restTypes has rows with a column of each type.
var restTypes = restTable{suffix: ", all types", path: "/v2/keyspaces/bench/types", keys: 1000, body: func(key uint32) string {
	return fmt.Sprintf(`{"id":%d,"firstname":"John","a":"ascii","b":9007199254740993,"bl":"AAECAwQFBgc=","bo":true,"d":"2026-11-26","de":12345.6789,`+
		`"dou":3.25,"du":"1mo2d3h","f":1.5,"i":"127.0.0.1","s":-300,"ti":"12:34:56.789","ts":"2026-11-26T12:34:56.789Z",`+
		`"tu":"b4ec18a0-cac8-11f0-8de9-0242ac120002","ty":-7,"u":"3f6d3a52-7d5b-4a0e-9c1c-2f6c2b1f9a11","v":123456789012345678901234567890,`+
		`"l":[1,2,3],"se":["a","b","c"],"m":{"k":1,"l":2},"tu2":[1,"two"],"ad":{"street":"Main Street","zip":%d}}`, key, key)
}}

// restTypesSchema makes restTypes.
var restTypesSchema = []string{
	`CREATE TYPE bench.address (street text, zip int)`,
	`CREATE TABLE bench.types (id int PRIMARY KEY, firstname text, a ascii, b bigint, bl blob, bo boolean, d date, de decimal,
		dou double, du duration, f float, i inet, s smallint, ti time, ts timestamp, tu timeuuid, ty tinyint, u uuid, v varint,
		l list<int>, se set<text>, m map<text, int>, tu2 tuple<int, text>, ad frozen<address>)`,
}

// restLoad measures GET and POST at one address.
type restLoad struct {
	table       *restTable
	addr, token string
	conns       []*httpConn
}

func newRESTLoad(table *restTable, addr, token string, inFlight int) (*restLoad, error) {
	l := &restLoad{table: table, addr: addr, token: token}
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
	body, err := l.conns[slot].do(l.table.getRequest(l.addr, l.token, rng.Uint32N(l.table.keys)), http.StatusOK)
	if err == nil && !bytes.Contains(body, []byte("John")) {
		err = fmt.Errorf("the row is missing: %s", body)
	}
	return err
}

func (l *restLoad) post(slot int, rng *rand.Rand) error {
	_, err := l.conns[slot].do(l.table.postRequest(l.addr, l.token, rng.Uint32N(l.table.keys)), http.StatusCreated)
	return err
}

// everything is chosen.
var everything = regexp.MustCompile("")

// measureREST compares GET and POST of the server, those of which "REST " and the
// name are chosen, with the bare handler's, for rows of five columns and for rows of
// all types.
func measureREST(server *harness.Server, length time.Duration, chosen *regexp.Regexp) ([]pair, error) {
	if err := fillTypes(server); err != nil {
		return nil, err
	}
	var pairs []pair
	for _, table := range []*restTable{&restUsers, &restTypes} {
		more, err := measureTable(table, server, length, chosen)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, more...)
	}
	return pairs, nil
}

// fillTypes makes restTypes and its rows.
func fillTypes(server *harness.Server) error {
	native, err := newGocqlLoad(server.CQL, server.Token)
	if err != nil {
		return err
	}
	defer native.session.Close()
	for _, text := range restTypesSchema {
		if err := native.session.Query(text).Exec(); err != nil {
			return err
		}
	}
	c, err := dialHTTP(server.HTTP)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	for key := range restTypes.keys {
		if _, err := c.do(restTypes.postRequest(server.HTTP, server.Token, key), http.StatusCreated); err != nil {
			return err
		}
	}
	return nil
}

func measureTable(table *restTable, server *harness.Server, length time.Duration, chosen *regexp.Regexp) ([]pair, error) {
	one, err := dialHTTP(server.HTTP)
	if err != nil {
		return nil, err
	}
	defer one.conn.Close()
	answer, err := one.do(table.getRequest(server.HTTP, server.Token, 1), http.StatusOK)
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
		ours, err := newRESTLoad(table, server.HTTP, server.Token, inFlight)
		if err != nil {
			return nil, err
		}
		theirs, err := newRESTLoad(table, bareAddr, server.Token, inFlight)
		if err != nil {
			return nil, err
		}
		for _, o := range []struct {
			name         string
			ours, theirs operate
		}{{"GET by key", ours.get, theirs.get}, {"POST", ours.post, theirs.post}} {
			if name := o.name + table.suffix; chosen.MatchString("REST " + name) {
				p := measure(name, inFlight, func() figures { return run(server.PID(), inFlight, length, o.ours) },
					func() figures { return run(bare.Pid, inFlight, length, o.theirs) })
				if err := cmp.Or(p.ours.failed, p.peers.failed); err != nil {
					return nil, fmt.Errorf("%s at %d in flight: %w", name, inFlight, err)
				}
				pairs = append(pairs, p)
			}
		}
		ours.close()
		theirs.close()
	}
	return pairs, nil
}
