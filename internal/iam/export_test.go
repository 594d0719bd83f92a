package iam

// ServicesWithRoles are the principals of the services whose roles iamd knows.
func ServicesWithRoles() (principals []string) {
	for service := range serviceRoles {
		principals = append(principals, service+".amazonaws.com")
	}
	return principals
}
