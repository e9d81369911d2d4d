//! Name to addresses: the hosts file, the search domains and the DNS, each answer told apart.
