package access

import (
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
)

// roleStatement decides statements about roles and permissions; done is false
// for all others. The rules and texts are those of each statement's authorize()
// in org.apache.cassandra.cql3.statements.
func (d *decision) roleStatement(stmt cql.Statement) (done bool, err error) {
	switch s := stmt.(type) {
	case *cql.CreateRole:
		return true, d.createRole(s)
	case *cql.AlterRole:
		return true, d.alterRole(s)
	case *cql.DropRole:
		return true, d.dropRole(s)
	case *cql.GrantRole:
		return true, d.requireRole(AuthorizePermission, roleObject(s.Role))
	case *cql.Grant:
		return true, d.grant(s)
	case *cql.AddIdentity:
		return true, d.addIdentity(s)
	case *cql.DropIdentity:
		return true, d.dropIdentity(s)
	}
	return false, nil
}

// requireRole is require with the words of statements about roles
// (AuthenticationStatement.checkPermission).
func (d *decision) requireRole(p Permission, o object) error {
	if d.require(p, o) != nil {
		return cqlerr.Unauthorizedf("User %s does not have sufficient privileges to perform the requested operation", d.name)
	}
	return nil
}

func (d *decision) createRole(s *cql.CreateRole) error {
	if err := d.requireRole(CreatePermission, allRoles); err != nil {
		return err
	}
	if s.Options.Superuser != nil && *s.Options.Superuser && !d.state.superuser(d.role) {
		return cqlerr.Unauthorizedf("Only superusers can create a role with superuser status")
	}
	return nil
}

func (d *decision) alterRole(s *cql.AlterRole) error {
	target := d.state.byName[s.Name]
	switch o := &s.Options; {
	case o.Superuser != nil && target != nil && d.state.granted(d.role, target):
		return cqlerr.Unauthorizedf("You aren't allowed to alter your own superuser status or that of a role granted to you")
	case o.Superuser != nil && !d.state.superuser(d.role):
		return cqlerr.Unauthorizedf("Only superusers are allowed to alter superuser status")
	case d.state.superuser(d.role):
		return nil
	case target == nil || target != d.role:
		return d.requireRole(AlterPermission, roleObject(s.Name))
	case o.Login != nil: // of oneself only the password
		return cqlerr.Unauthorizedf("You aren't allowed to alter LOGIN")
	case o.Options != nil:
		return cqlerr.Unauthorizedf("You aren't allowed to alter OPTIONS")
	}
	return nil
}

func (d *decision) dropRole(s *cql.DropRole) error {
	if err := d.requireRole(DropPermission, roleObject(s.Name)); err != nil {
		return err
	}
	if d.state.superuser(d.state.byName[s.Name]) && !d.state.superuser(d.role) {
		return cqlerr.Unauthorizedf("Only superusers can drop a role with superuser status")
	}
	return nil
}

func (d *decision) addIdentity(s *cql.AddIdentity) error {
	if err := d.requireRole(CreatePermission, allRoles); err != nil {
		return err
	}
	// Cassandra does not ask whether the role is granted one that is a superuser.
	if target := d.state.byName[s.Role]; target != nil && target.Superuser && !d.state.superuser(d.role) {
		return cqlerr.Unauthorizedf("Only superusers can bind identities to a role with superuser status")
	}
	return nil
}

// dropIdentity: whoever may drop a role may drop what is bound to it.
func (d *decision) dropIdentity(s *cql.DropIdentity) error {
	name, exists := d.state.identities[s.Identity]
	if !exists {
		return d.requireRole(DropPermission, allRoles)
	}
	if err := d.requireRole(DropPermission, roleObject(name)); err != nil {
		return err
	}
	if d.state.superuser(d.state.byName[name]) && !d.state.superuser(d.role) {
		return cqlerr.Unauthorizedf("Only superusers can remove identity bindings from a role with superuser status")
	}
	return nil
}

// grant: AUTHORIZE on the resource, and what is granted oneself.
func (d *decision) grant(s *cql.Grant) error {
	o, err := qualified(&s.Resource, d.keyspace)
	if err != nil {
		return err
	}
	if o.keyspace == Keyspace {
		return cqlerr.Unauthorizedf("%s keyspace is not user-modifiable.", Keyspace)
	}
	if err := d.require(AuthorizePermission, o); err != nil {
		return err
	}
	for _, p := range granted(s, o).each() {
		if err := d.require(p, o); err != nil {
			return err
		}
	}
	return nil
}

// granted is the set of permissions that a GRANT or REVOKE is about: those
// named that the resource takes, or all it takes.
func granted(s *cql.Grant, o object) Permission {
	if len(s.Permissions) == 1 && s.Permissions[0] == "ALL" {
		return o.applicable()
	}
	return permissionsOf(s.Permissions) & o.applicable()
}

// qualified is the object of a resource whose table may lack its keyspace.
func qualified(r *cql.Resource, keyspace string) (object, error) {
	o := objectOf(r)
	if o.kind == cql.TableResource && o.keyspace == "" {
		if o.keyspace = keyspace; keyspace == "" {
			return o, cqlerr.Invalidf("No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
		}
	}
	return o, nil
}
