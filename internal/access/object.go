package access

import (
	"fmt"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/schema"
)

// object is what CQL permissions are about (org.apache.cassandra.auth.IResource
// and its four implementations). It is a key of maps.
type object struct {
	kind     cql.ResourceKind
	keyspace string
	// name of the table, role, function (with its argument types) or MBean.
	name string
}

var allRoles = object{kind: cql.AllRoles}

func roleObject(name string) object { return object{kind: cql.RoleResource, name: name} }

// objectOf converts what a statement names.
func objectOf(r *cql.Resource) object {
	o := object{kind: r.Kind, keyspace: r.Keyspace, name: r.Name}
	if r.Kind == cql.FunctionResource {
		args := make([]string, len(r.Args))
		for i := range r.Args {
			args[i] = r.Args[i].String()
		}
		o.name += "[" + strings.Join(args, "^") + "]"
	}
	return o
}

// parent returns what o belongs to: a permission on it holds for o too.
func (o object) parent() (object, bool) {
	switch o.kind {
	case cql.TableResource:
		return object{kind: cql.AllTables, keyspace: o.keyspace}, true
	case cql.AllTables:
		return object{kind: cql.KeyspaceResource, keyspace: o.keyspace}, true
	case cql.KeyspaceResource:
		return object{kind: cql.AllKeyspaces}, true
	case cql.RoleResource:
		return allRoles, true
	case cql.FunctionResource:
		return object{kind: cql.KeyspaceFunctions, keyspace: o.keyspace}, true
	case cql.KeyspaceFunctions:
		return object{kind: cql.AllFunctions}, true
	case cql.MBeanResource:
		return object{kind: cql.AllMBeans}, true
	}
	return object{}, false
}

// isData reports whether o is about keyspaces and tables.
func (o object) isData() bool {
	switch o.kind {
	case cql.AllKeyspaces, cql.AllTables, cql.KeyspaceResource, cql.TableResource:
		return true
	}
	return false
}

// applicable is the set of the permissions that can be granted on o.
func (o object) applicable() Permission { return permissionsOf(o.kind.Permissions()) }

// path is o's name in tables, by which Cassandra sorts too (IResource.getName).
func (o object) path() string {
	switch o.kind {
	case cql.AllKeyspaces:
		return "data"
	case cql.KeyspaceResource:
		return "data/" + o.keyspace
	case cql.AllTables:
		return "data/" + o.keyspace + "/*"
	case cql.TableResource:
		return "data/" + o.keyspace + "/" + o.name
	case cql.AllRoles:
		return "roles"
	case cql.RoleResource:
		return "roles/" + o.name
	case cql.AllFunctions:
		return "functions"
	case cql.KeyspaceFunctions:
		return "functions/" + o.keyspace
	case cql.FunctionResource:
		return "functions/" + o.keyspace + "/" + o.name
	case cql.AllMBeans:
		return "mbean"
	}
	return "mbean/" + o.name
}

// parseObject is the inverse of path.
func parseObject(path string) (object, error) {
	root, rest, deep := strings.Cut(path, "/")
	keyspace, name, named := strings.Cut(rest, "/")
	switch {
	case root == "data" && !deep:
		return object{kind: cql.AllKeyspaces}, nil
	case root == "data" && !named:
		return object{kind: cql.KeyspaceResource, keyspace: keyspace}, nil
	case root == "data" && name == "*":
		return object{kind: cql.AllTables, keyspace: keyspace}, nil
	case root == "data":
		return object{kind: cql.TableResource, keyspace: keyspace, name: name}, nil
	case root == "roles" && !deep:
		return allRoles, nil
	case root == "roles":
		return roleObject(rest), nil
	case root == "functions" && !deep:
		return object{kind: cql.AllFunctions}, nil
	case root == "functions" && !named:
		return object{kind: cql.KeyspaceFunctions, keyspace: keyspace}, nil
	case root == "functions":
		return object{kind: cql.FunctionResource, keyspace: keyspace, name: name}, nil
	case root == "mbean" && !deep:
		return object{kind: cql.AllMBeans}, nil
	case root == "mbean":
		return object{kind: cql.MBeanResource, name: rest}, nil
	}
	return object{}, fmt.Errorf("%q is no resource", path)
}

// String is o's name in messages (toString of Cassandra's classes).
func (o object) String() string {
	switch o.kind {
	case cql.AllKeyspaces:
		return "<all keyspaces>"
	case cql.KeyspaceResource:
		return "<keyspace " + o.keyspace + ">"
	case cql.AllTables:
		return "<all tables in " + o.keyspace + ">"
	case cql.TableResource:
		return "<table " + o.keyspace + "." + o.name + ">"
	case cql.AllRoles:
		return "<all roles>"
	case cql.RoleResource:
		return "<role " + o.name + ">"
	case cql.AllFunctions:
		return "<all functions>"
	case cql.KeyspaceFunctions:
		return "<all functions in " + o.keyspace + ">"
	case cql.FunctionResource:
		name, args, _ := strings.Cut(strings.TrimSuffix(o.name, "]"), "[")
		return "<function " + o.keyspace + "." + name + "(" + strings.ReplaceAll(args, "^", ", ") + ")>"
	case cql.AllMBeans:
		return "<all mbeans>"
	}
	return "<mbean " + o.name + ">"
}

// exists reports whether o is there (IResource.exists). MBeans are taken on
// trust, as by Cassandra.
func (o object) exists(st *state, catalog *schema.Snapshot) bool {
	switch o.kind {
	case cql.KeyspaceResource, cql.AllTables, cql.KeyspaceFunctions:
		return catalog.Keyspaces[o.keyspace] != nil
	case cql.TableResource:
		return catalog.Table(o.keyspace, o.name) != nil
	case cql.RoleResource:
		return st.byName[o.name] != nil
	case cql.FunctionResource:
		return false
	}
	return true
}
