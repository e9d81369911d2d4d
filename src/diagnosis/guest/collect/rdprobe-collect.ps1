# rdprobe-collect.ps1: what rdprobe asks of the guest. It reads only, changes nothing and holds no secret.
# Runs on Windows PowerShell 4 and later (Server 2012 R2). Prints at most 4,096 bytes of rdprobe-guest/1.
# az vm run-command invoke -g GROUP -n VM --command-id RunPowerShellScript --scripts @rdprobe-collect.ps1
$ErrorActionPreference = 'SilentlyContinue'
$ProgressPreference = 'SilentlyContinue'
$utc = 'yyyy-MM-ddTHH:mm:ssZ'
$script:lines = @()

function Tell($text) { $script:lines += ([string]$text -replace '[^\x20-\x7e]', '?') }

function Values($short, $path, $names) {
    $item = Get-ItemProperty -LiteralPath "HKLM:\$path"
    foreach ($name in $names) {
        $data = $null
        if ($item) { $data = $item.$name }
        if ($null -eq $data) { $data = '-' }
        elseif ($data -is [byte[]]) { $data = [BitConverter]::ToString($data) -replace '-', '' }
        elseif ($data -is [int] -and $data -lt 0) { $data = $data + 4294967296 }
        elseif ($data -is [array]) { $data = $data -join ',' }
        $data = [string]$data
        if ($data.Length -gt 60) { $data = $data.Substring(0, 60) }
        Tell "r|$short|$name|$data"
    }
}

function Events($log, $provider, $shown, $ids, $days) {
    $filter = @{ LogName = $log; ProviderName = $provider; Id = $ids; StartTime = (Get-Date).AddDays(0 - $days) }
    foreach ($group in (Get-WinEvent -FilterHashtable $filter -MaxEvents 500 | Group-Object -Property Id)) {
        $last = ($group.Group | Sort-Object -Property TimeCreated | Select-Object -Last 1).TimeCreated
        Tell ('e|{0}|{1}|{2}|{3}' -f $shown, $group.Name, $group.Count, $last.ToUniversalTime().ToString($utc))
    }
}

$system = 'SYSTEM\CurrentControlSet'
$ts = "$system\Control\Terminal Server"
$rdp = "$ts\WinStations\RDP-Tcp"
Tell 'rdprobe-guest/1'
Tell ('t|' + (Get-Date).ToUniversalTime().ToString($utc))

# 1. What decides most: the services, the switches, the listener.
$states = @{ 'Stopped' = 1; 'Start Pending' = 2; 'Stop Pending' = 3; 'Running' = 4; 'Paused' = 7 }
$starts = @{ 'Boot' = 0; 'System' = 1; 'Auto' = 2; 'Manual' = 3; 'Disabled' = 4 }
$wanted = 'TermService', 'UmRdpService', 'SessionEnv', 'CertPropSvc', 'KeyIso', 'CryptSvc', 'Dhcp', 'nsi', 'Netlogon', 'MpsSvc', 'W32Time', 'Tssdis', 'RpcSs'
$byTitle = @{}
$own = 0
foreach ($service in (Get-WmiObject -Class Win32_Service | Where-Object { $wanted -contains $_.Name })) {
    $byTitle[$service.DisplayName] = $service.Name
    if ($service.Name -eq 'TermService') { $own = $service.ProcessId }
    Tell ('s|{0}|{1}|{2}|{3}|{4}' -f $service.Name, $states[$service.State], $starts[$service.StartMode], $service.ExitCode, ($service.StartName -replace '^.*\\', ''))
}
$safe = (Get-ItemProperty -LiteralPath "HKLM:\$system\Control\SafeBoot\Option").OptionValue
if ($null -eq $safe) { $safe = 0 }
Tell "b|$safe"
Values 'SU' 'SYSTEM\Setup' @('SystemSetupInProgress', 'OOBEInProgress')
Values 'TS' $ts @('fDenyTSConnections', 'TSEnabled', 'TSServerDrainMode', 'TSUserEnabled', 'TSAppCompat')
Values 'TP' 'SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' @('fDenyTSConnections', 'SecurityLayer', 'UserAuthentication')
Values 'RT' $rdp @('fEnableWinStation', 'fLogonDisabled', 'PortNumber', 'LanAdapter', 'SecurityLayer', 'UserAuthentication', 'MinEncryptionLevel', 'fAllowSecProtocolNegotiation', 'SSLCertificateSHA1Hash', 'MaxInstanceCount')

# 2. Who listens, and who may come in.
$listener = Get-ItemProperty -LiteralPath "HKLM:\$rdp"
$port = 3389
if ($listener -and $listener.PortNumber) { $port = $listener.PortNumber }
$owner = '-'
foreach ($line in (netstat.exe -ano)) {
    if ($line -match "^\s*TCP\s+\S+:$port\s+\S+:0\s+\S+\s+(\d+)\s*$") { $owner = $Matches[1]; break }
}
if ($owner -eq '-') { Tell "p|$port|-" }
else { Tell ('p|{0}|{1}|{2}|{3}' -f $port, $owner, (Get-Process -Id $owner).ProcessName, $own) }
$firewall = "$system\Services\SharedAccess\Parameters\FirewallPolicy"
$rule = '-'
$rules = Get-ItemProperty -LiteralPath "HKLM:\$firewall\FirewallRules"
if ($rules) {
    foreach ($one in $rules.PSObject.Properties) {
        $text = [string]$one.Value
        if ($text -match '\|Dir=In\|' -and $text -match '\|Protocol=6\|' -and $text -match "\|LPort=$port\|") {
            if ($rule -eq '-' -or ($text -match '\|Active=TRUE\|' -and $text -match '\|Action=Allow\|')) { $rule = $text }
        }
    }
}
Tell ('f|rule|' + ($rule -replace '\|App=.*$', '|'))
foreach ($zone in 'DomainProfile', 'StandardProfile', 'PublicProfile') {
    $local = Get-ItemProperty -LiteralPath "HKLM:\$firewall\$zone"
    $policy = Get-ItemProperty -LiteralPath "HKLM:\SOFTWARE\Policies\Microsoft\WindowsFirewall\$zone"
    $on = $local.EnableFirewall
    if ($policy -and $null -ne $policy.EnableFirewall) { $on = $policy.EnableFirewall }
    $blocks = $local.DoNotAllowExceptions
    if ($policy -and $null -ne $policy.DoNotAllowExceptions) { $blocks = $policy.DoNotAllowExceptions }
    if ($null -eq $blocks) { $blocks = 0 }
    Tell "f|profile|$zone|$on|$blocks"
}
$adapters = @(Get-WmiObject -Class Win32_NetworkAdapter -Filter 'PhysicalAdapter=TRUE')
Tell ('i|{0}|{1}' -f @($adapters | Where-Object { $_.NetConnectionStatus -eq 2 }).Count, $adapters.Count)
foreach ($card in (Get-WmiObject -Class Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=TRUE' | Select-Object -First 3)) {
    $v4 = @($card.IPAddress | Where-Object { $_ -match '^[\d.]+$' } | Select-Object -First 4)
    Tell ('a|{0}|{1}' -f [int]$card.DHCPEnabled, ($v4 -join ','))
}
$listening = 0
$users = 0
foreach ($line in (qwinsta.exe)) {
    if ($line -match '^[ >]rdp-tcp\s+(65[5-9]\d\d)\s') { $listening = 1 }
    elseif ($line -match '^[ >]\S+\s+\S+\s+\d+\s' -or $line -match '^[ >]\s{10,}\S+\s+\d+\s') { $users = $users + 1 }
}
Tell "q|$listening|$users"

# 3. Events of the last week, documented ids only.
Events 'System' 'Schannel' 'Schannel' @(36870, 36871, 36872, 36874, 36888) 7
Events 'System' 'Microsoft-Windows-TerminalServices-RemoteConnectionManager' 'TermService' @(1036, 1051, 1052, 1053, 1054, 1055, 1057, 1058, 1064, 1065) 7
Events 'System' 'TermDD' 'TermDD' @(50, 56) 7
Events 'System' 'NETLOGON' 'NETLOGON' @(3210, 5719) 7
Events 'System' 'Microsoft-Windows-GroupPolicy' 'Microsoft-Windows-GroupPolicy' @(1129) 7
Events 'System' 'Tcpip' 'Tcpip' @(4227, 4231) 7
foreach ($log in 'Microsoft-Windows-TerminalServices-SessionBroker/Operational', 'Microsoft-Windows-TerminalServices-SessionBroker/Admin') {
    Events $log 'Microsoft-Windows-TerminalServices-SessionBroker' 'Microsoft-Windows-TerminalServices-SessionBroker' @(2056) 7
}
Events 'Microsoft-Windows-TerminalServices-SessionBroker-Client/Operational' 'Microsoft-Windows-TerminalServices-SessionBroker-Client' 'Microsoft-Windows-TerminalServices-SessionBroker-Client' @(1296) 7
Events 'System' 'Microsoft-Windows-TerminalServices-RemoteConnectionManager' 'TermService' @(1004, 1008, 1010, 1088, 1128, 1130) 7
Events 'Application' 'Microsoft-Windows-User Profiles Service' 'Microsoft-Windows-User Profiles Service' @(1511, 1515) 7
Events 'Security' 'Microsoft-Windows-Security-Auditing' 'Microsoft-Windows-Security-Auditing' @(4625) 1
$filter = @{ LogName = 'Security'; Id = 4625; StartTime = (Get-Date).AddDays(-1) }
$failed = Get-WinEvent -FilterHashtable $filter -MaxEvents 100 | Where-Object { $_.Properties.Count -gt 9 }
$status = { if ($_.Properties[9].Value) { '{0:x8}' -f $_.Properties[9].Value } else { '{0:x8}' -f $_.Properties[7].Value } }
foreach ($group in ($failed | Group-Object -Property $status | Sort-Object -Property Count -Descending | Select-Object -First 3)) {
    Tell ('l|{0}|{1}' -f $group.Name, $group.Count)
}
$filter = @{ LogName = 'System'; ProviderName = 'Service Control Manager'; Id = @(7000, 7001, 7009, 7011, 7022, 7023, 7024, 7031, 7034, 7038); StartTime = (Get-Date).AddDays(-7) }
$complaints = Get-WinEvent -FilterHashtable $filter -MaxEvents 200 | Where-Object { $byTitle.ContainsKey([string]$_.Properties[0].Value) }
foreach ($group in ($complaints | Group-Object -Property Id, { $_.Properties[0].Value } | Select-Object -First 6)) {
    $one = $group.Group | Sort-Object -Property TimeCreated | Select-Object -Last 1
    Tell ('e|Service Control Manager|{0}|{1}|{2}|{3}' -f $one.Id, $group.Count, $one.TimeCreated.ToUniversalTime().ToString($utc), $byTitle[[string]$one.Properties[0].Value])
}

# 4. Certificate, key, TLS, domain, clock.
$certificates = @(Get-ChildItem -Path 'Cert:\LocalMachine\Remote Desktop' | Sort-Object -Property NotAfter -Descending | Select-Object -First 2)
if ($certificates.Count -eq 0) { Tell 'c|none' }
foreach ($certificate in $certificates) {
    Tell ('c|{0}|{1}|{2}' -f $certificate.Thumbprint, $certificate.NotAfter.ToUniversalTime().ToString($utc), [int]$certificate.HasPrivateKey)
}
if ($listener -and $listener.SSLCertificateSHA1Hash) {
    $hash = [BitConverter]::ToString($listener.SSLCertificateSHA1Hash) -replace '-', ''
    if (Test-Path -LiteralPath "Cert:\LocalMachine\My\$hash") { Tell "m|$hash" }
}
$keys = "$env:ProgramData\Microsoft\Crypto\RSA\MachineKeys"
$key = (Get-ChildItem -LiteralPath $keys -Filter 'f686aace6942fb7f7ceb231212eef4a4*' | Select-Object -First 1).FullName
foreach ($path in @($keys, $key)) {
    if ($path) {
        $sddl = ((Get-Acl -LiteralPath $path).Sddl -replace '^.*?D:', 'D:') -replace 'S:.*$', ''
        if ($sddl.Length -gt 160) { $sddl = $sddl.Substring(0, 160) -replace '\([^)]*$', '' }
        Tell ('k|' + (Split-Path -Path $path -Leaf).Substring(0, 8) + "|$sddl")
    }
}
foreach ($minor in 0, 1, 2) {
    Values "T$minor" "$system\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.$minor\Server" @('Enabled', 'DisabledByDefault')
}
Values 'CP' 'SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002' @('Functions')
Values 'FP' "$system\Control\Lsa\FIPSAlgorithmPolicy" @('Enabled')
Values 'LS' "$system\Control\Lsa" @('disabledomaincreds', 'LmCompatibilityLevel')
Values 'MS' "$system\Control\Lsa\MSV1_0" @('RestrictReceivingNTLMTraffic')
Values 'CR' 'SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\CredSSP\Parameters' @('AllowEncryptionOracle')
if ((Get-WmiObject -Class Win32_ComputerSystem).PartOfDomain) { Tell ('d|' + (Test-ComputerSecureChannel)) }
Tell ('w|' + @(w32tm.exe /query /source)[0])
if (Test-Path -Path 'C:\Packages\Plugins\Microsoft.Azure.ActiveDirectory.AADLoginForWindows') {
    foreach ($line in (dsregcmd.exe /status)) {
        if ($line -match 'AzureAdJoined : (\w+)') { Tell ('j|' + $Matches[1]) }
    }
}
$driver = (Get-Item -LiteralPath "$env:windir\System32\drivers\netvsc.sys").VersionInfo
if ($driver) { Tell ('n|{0}.{1}.{2}.{3}' -f $driver.FileMajorPart, $driver.FileMinorPart, $driver.FileBuildPart, $driver.FilePrivatePart) }

# 5. What ends sessions, and the licences.
Values 'LC' "$ts\RCM\Licensing Core" @('LicensingMode')
Values 'CS' "$ts\ClusterSettings" @('SessionDirectoryRedirectionIP')
Values 'RT' $rdp @('MaxConnectionTime', 'MaxDisconnectionTime', 'MaxIdleTime', 'KeepAliveTimeout', 'fInheritMaxSessionTime', 'fInheritMaxDisconnectionTime', 'fInheritMaxIdleTime', 'fInheritReconnectSame', 'fReconnectSame', 'fQueryUserConfigFromLocalMachine')
Values 'TP' 'SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services' @('KeepAliveEnable', 'KeepAliveInterval', 'fDisableAutoReconnect', 'MinEncryptionLevel', 'MaxInstanceCount')

# Azure returns 4,096 bytes: what does not fit is what stands last, and the last line says so.
$size = 0
$kept = 0
foreach ($line in $script:lines) {
    if ($size + $line.Length + 2 -gt 4060) { break }
    Write-Output $line
    $size = $size + $line.Length + 2
    $kept = $kept + 1
}
if ($kept -eq $script:lines.Count) { Write-Output 'end|complete' }
else { Write-Output ('end|cut|{0}' -f ($script:lines.Count - $kept)) }
