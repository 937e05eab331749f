package access

import (
	"math/bits"
	"strings"
)

// Permission is a set of Cassandra's permissions, most often of one
// (org.apache.cassandra.auth.Permission).
type Permission uint16

// The permissions, in Cassandra's order.
const (
	CreatePermission Permission = 1 << iota
	AlterPermission
	DropPermission
	SelectPermission
	ModifyPermission
	AuthorizePermission
	DescribePermission
	ExecutePermission
	UnmaskPermission
	SelectMaskedPermission
	endPermission
)

var permissionNames = [...]string{"CREATE", "ALTER", "DROP", "SELECT", "MODIFY", "AUTHORIZE", "DESCRIBE", "EXECUTE", "UNMASK", "SELECT_MASKED"}

// permissionOf returns the permission of that name, 0 when there is none.
func permissionOf(name string) Permission {
	for i, n := range permissionNames {
		if n == name {
			return 1 << i
		}
	}
	return 0
}

// permissionsOf returns the set of the permissions with these names.
func permissionsOf(names []string) (set Permission) {
	for _, name := range names {
		set |= permissionOf(name)
	}
	return set
}

// each returns the permissions of a set one by one.
func (p Permission) each() []Permission {
	all := make([]Permission, 0, bits.OnesCount16(uint16(p)))
	for one := CreatePermission; one < endPermission; one <<= 1 {
		if p&one != 0 {
			all = append(all, one)
		}
	}
	return all
}

// names returns the names of a set, in Cassandra's order.
func (p Permission) names() []string {
	var names []string
	for _, one := range p.each() {
		names = append(names, permissionNames[bits.TrailingZeros16(uint16(one))])
	}
	return names
}

// String joins the names with ", ".
func (p Permission) String() string { return strings.Join(p.names(), ", ") }
