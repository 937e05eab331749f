// Package cassandra runs a real Apache Cassandra 5.0, of one node or several,
// from its Maven jars: what conformance answers are recorded from, the peer that
// benchmarks compare with, and the cluster behind gateways. It needs Java 17 and
// Maven.
package cassandra

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/astrolabe-db/astrolabe/test/harness"
	"github.com/astrolabe-db/astrolabe/test/install"
)

// Version of the Cassandra that pom.xml names.
const Version = "5.0.9"

const (
	startTimeout = 8 * time.Minute
	stopTimeout  = 30 * time.Second
	// loggedEnd is how many bytes of the end of each log an error tells.
	loggedEnd = 8 << 10
)

// Options of a node. The zero value is what a test wants.
type Options struct {
	// Sync is commitlog_sync: "periodic" (Cassandra's default), "batch" or
	// "group".
	Sync string
	// Heap is the JVM's heap, e.g. "1g"; "" means 512m.
	Heap string
	// FastSchema leaves out the flush of schema tables after each DDL.
	FastSchema bool
	// Auth asks for logins and permissions, without keeping any in a cache: the
	// first superuser is cassandra with password cassandra.
	Auth bool
	// Logins asks for logins, but lets everybody do everything.
	Logins bool
	// TLS makes the node ask its clients for TLS, and for a certificate:
	// Node.CAFile and its neighbours name what they need.
	TLS bool
	// Light makes the JVM start sooner and cost less, and Cassandra slower: for
	// tests on a machine that has other things to do, not for measurements.
	Light bool
	// Patient: the node gives its own reads and writes minutes, which they never
	// take but on a machine that has too much to do.
	Patient bool
	// Settings are lines of cassandra.yaml beside those that all nodes have.
	Settings string
}

// Node is a running Cassandra.
type Node struct {
	// Addr is host:port of the native protocol.
	Addr string
	// Started is how long it took from the start of the process to the first
	// accepted connection.
	Started time.Duration
	options Options
	place   place
	dir     string
	process *exec.Cmd
	exited  <-chan struct{}
}

// place is where a node is: its addresses, and its token in the ring.
type place struct {
	Address, Seeds  string // seeds as in cassandra.yaml
	Native, Storage int
	Token           string
	// Datacenter is where the node is, "" for Cassandra's default, datacenter1.
	Datacenter string
	// RingDelay is how long a node waits for the others' gossip.
	RingDelay time.Duration
}

// Start fetches the jars the first time, starts a node in a new directory and
// waits until it accepts connections. A node that ends at its start is tried once
// more: somebody else may have taken its port.
func Start(ctx context.Context, o Options) (*Node, error) {
	n, err := startAlone(ctx, o)
	if errors.Is(err, errEnded) {
		n, err = startAlone(ctx, o)
	}
	return n, err
}

func startAlone(ctx context.Context, o Options) (*Node, error) {
	ports, err := freePorts("127.0.0.1")
	if err != nil {
		return nil, err
	}
	return start(ctx, o, place{Address: "127.0.0.1", Seeds: fmt.Sprint("127.0.0.1:", ports[1]), Native: ports[0], Storage: ports[1], Token: "0", RingDelay: time.Second})
}

// errEnded is a node that ended before it accepted connections.
var errEnded = errors.New("Cassandra ended at its start")

func start(ctx context.Context, o Options, at place) (*Node, error) {
	dir, err := os.MkdirTemp("", "cassandra-")
	if err != nil {
		return nil, err
	}
	n := &Node{options: o, place: at, dir: dir, Addr: net.JoinHostPort(at.Address, strconv.Itoa(at.Native))}
	if err := n.Restart(ctx); err != nil {
		return nil, errors.Join(err, n.Stop())
	}
	return n, nil
}

// Restart starts a node that has ended on the data that it has, and waits until
// it accepts connections.
func (n *Node) Restart(ctx context.Context) error {
	lib, err := install.Jars(ctx, "cassandra")
	if err != nil {
		return err
	}
	if err := n.configure(); err != nil {
		return err
	}
	n.process = exec.Command("java", n.arguments(lib)...)
	n.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := os.Create(filepath.Join(n.dir, "stdout.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	n.process.Stdout, n.process.Stderr = log, log
	began := time.Now()
	if n.exited, err = harness.StartProcess(n.process, nil); err != nil { // how it ends is in its log
		return err
	}
	if err := n.await(ctx); err != nil {
		return err
	}
	n.Started = time.Since(began)
	return nil
}

func (n *Node) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		if c, err := net.DialTimeout("tcp", n.Addr, time.Second); err == nil {
			return c.Close()
		}
		select {
		case <-n.exited:
			return fmt.Errorf("%w:\n%s", errEnded, n.said())
		case <-ctx.Done():
			return fmt.Errorf("Cassandra did not start: %w\n%s", ctx.Err(), n.said())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// said is the end of what the node has printed and logged.
func (n *Node) said() string {
	var all strings.Builder
	for _, name := range []string{"stdout.log", "system.log"} {
		text, err := os.ReadFile(filepath.Join(n.dir, name))
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(&all, "%s:\n%s\n", name, text[max(0, len(text)-loggedEnd):])
	}
	return all.String()
}

// freePorts are two ports that are free at all addresses.
func freePorts(addresses ...string) (ports [2]int, err error) {
	for i := range ports {
		if ports[i], err = harness.FreePort(addresses...); err != nil {
			return ports, err
		}
	}
	if ports[0] == ports[1] {
		return freePorts(addresses...)
	}
	return ports, nil
}

// PID of the JVM.
func (n *Node) PID() int { return n.process.Process.Pid }

// Freeze stops the node where it is, as a machine that hangs, until Thaw.
func (n *Node) Freeze() error { return n.process.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen node go on.
func (n *Node) Thaw() error { return n.process.Process.Signal(syscall.SIGCONT) }

// Kill ends the node with SIGKILL and waits for it. Its data stays.
func (n *Node) Kill() {
	_ = n.process.Process.Kill() // it may have ended already
	<-n.exited
}

// Stop ends the node and deletes its directory.
func (n *Node) Stop() error {
	if n.process != nil && n.process.Process != nil {
		_ = n.process.Process.Signal(syscall.SIGTERM) // it may have ended already
		select {
		case <-n.exited:
		case <-time.After(stopTimeout):
			_ = n.process.Process.Kill()
			<-n.exited
		}
	}
	return os.RemoveAll(n.dir)
}

var configuration = template.Must(template.New("cassandra.yaml").Parse(`cluster_name: test
num_tokens: 1
initial_token: "{{.Token}}"
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
endpoint_snitch: {{if .Datacenter}}GossipingPropertyFileSnitch{{else}}SimpleSnitch{{end}}
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [{seeds: "{{.Seeds}}"}]
listen_address: {{.Address}}
rpc_address: {{.Address}}
storage_port: {{.Storage}}
native_transport_port: {{.Native}}
start_native_transport: true
{{if .Auth}}authenticator: PasswordAuthenticator
authorizer: CassandraAuthorizer
permissions_validity: 0ms
roles_validity: 0ms
credentials_validity: 0ms
{{else}}authenticator: {{if .Logins}}PasswordAuthenticator{{else}}AllowAllAuthenticator{{end}}
authorizer: AllowAllAuthorizer
{{end}}commitlog_sync: {{.Sync}}
{{if eq .Sync "periodic"}}commitlog_sync_period: 10000ms
{{else if eq .Sync "group"}}commitlog_sync_group_window: 10ms
{{end}}{{if .TLS}}client_encryption_options:
  enabled: true
  require_client_auth: true
  ssl_context_factory:
    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory
  keystore: {{.Keys}}
  truststore: {{.Trusted}}
{{end}}{{if .Patient}}read_request_timeout: 120s
range_request_timeout: 120s
write_request_timeout: 120s
counter_write_request_timeout: 120s
cas_contention_timeout: 120s
truncate_request_timeout: 120s
request_timeout: 120s
native_transport_timeout: 120s
{{end}}auto_snapshot: false
memtable_heap_space: 128MiB
memtable_offheap_space: 128MiB
commitlog_segment_size: 16MiB
commitlog_total_space: 256MiB
materialized_views_enabled: false
user_defined_functions_enabled: false
{{.Settings}}
`))

const logging = `<configuration>
  <appender name="F" class="ch.qos.logback.core.FileAppender">
    <file>%s/system.log</file>
    <encoder><pattern>%%-5level [%%thread] %%date{ISO8601} %%F:%%L - %%msg%%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="F"/></root>
</configuration>
`

func (n *Node) configure() error {
	sync := n.options.Sync
	if sync == "" {
		sync = "periodic"
	}
	var yaml bytes.Buffer
	err := configuration.Execute(&yaml, struct {
		place
		Sync              string
		Auth, Logins, TLS bool
		Patient           bool
		Keys, Trusted     string
		Settings          string
	}{n.place, sync, n.options.Auth, n.options.Logins, n.options.TLS, n.options.Patient, filepath.Join(n.dir, nodeFile), n.CAFile(), n.options.Settings})
	if err != nil {
		return err
	}
	if n.options.TLS {
		if err := n.makeCertificates(); err != nil {
			return err
		}
	}
	if n.place.Datacenter != "" {
		if err := os.WriteFile(filepath.Join(n.dir, "cassandra-rackdc.properties"), fmt.Appendf(nil, "dc=%s\nrack=rack1\n", n.place.Datacenter), 0o644); err != nil {
			return err
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(n.dir, "cassandra.yaml"), yaml.Bytes(), 0o644),
		os.WriteFile(filepath.Join(n.dir, "logback.xml"), fmt.Appendf(nil, logging, n.dir), 0o644))
}

// The packages of the JDK that Cassandra 5.0 reaches into
// (its conf/jvm17-server.options).
const (
	exported = `java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/sun.nio.ch java.base/java.lang.ref
		java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry java.rmi/sun.rmi.server
		java.sql/java.sql jdk.unsupported/sun.misc jdk.compiler/com.sun.tools.javac.file jdk.attach/sun.tools.attach`
	opened = `java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref java.base/jdk.internal.reflect
		java.base/jdk.internal.math java.base/jdk.internal.module java.base/jdk.internal.util.jar java.base/sun.nio.ch
		java.base/java.io java.base/java.nio java.base/java.lang java.base/java.lang.reflect java.base/java.util
		java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/java.util.concurrent.locks
		java.base/java.util.regex java.base/java.util.stream java.base/java.util.function java.base/java.lang.invoke
		java.base/java.lang.ref java.base/java.time java.base/java.nio.file java.base/java.nio.charset java.base/java.security
		java.base/sun.security.jca java.base/jdk.internal.perf java.base/java.net java.base/java.math
		jdk.management/com.sun.management.internal jdk.compiler/com.sun.tools.javac java.rmi/sun.rmi.transport.tcp`
)

func (n *Node) arguments(lib string) []string {
	o := n.options
	var args []string
	for _, p := range strings.Fields(exported) {
		args = append(args, "--add-exports="+p+"=ALL-UNNAMED")
	}
	for _, p := range strings.Fields(opened) {
		args = append(args, "--add-opens="+p+"=ALL-UNNAMED")
	}
	heap := o.Heap
	if heap == "" {
		heap = "512m"
	}
	args = append(args, "-Djdk.attach.allowAttachSelf=true", "-Djava.security.manager=allow", "-Xms"+heap, "-Xmx"+heap, "-Xss256k",
		"-XX:MaxDirectMemorySize=256m", "-XX:+PerfDisableSharedMem", "-Djava.net.preferIPv4Stack=true", "-Djna.nosys=true",
		"-Dio.netty.tryReflectionSetAccessible=true", "-Dcassandra.config=file://"+n.dir+"/cassandra.yaml",
		"-Dcassandra.storagedir="+n.dir+"/data", "-Dcassandra.logdir="+n.dir, "-Dlogback.configurationFile=file://"+n.dir+"/logback.xml",
		"-Dcassandra-foreground=yes", "-Dcassandra.skip_wait_for_gossip_to_settle=0", fmt.Sprint("-Dcassandra.ring_delay_ms=", n.place.RingDelay.Milliseconds()),
		"-Dcassandra.superuser_setup_delay_ms=0", "-Dcassandra.consistent.rangemovement=false")
	if o.Light {
		args = append(args, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
	}
	if o.FastSchema {
		args = append(args, "-Dcassandra.unsafesystem=true")
	}
	return append(args, "-cp", n.dir+":"+lib+"/*", "org.apache.cassandra.service.CassandraDaemon")
}
