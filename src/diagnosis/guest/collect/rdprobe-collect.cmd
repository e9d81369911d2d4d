@rem rdprobe-collect.cmd: what rdprobe asks of the guest. It reads only, changes nothing and holds no secret.
@rem Paste it into the CMD channel of the serial console, or run it; save what it prints for rdprobe --guest.
sc queryex TermService
sc qc TermService
sc queryex SessionEnv
sc qc SessionEnv
sc queryex Dhcp
sc qc Dhcp
sc queryex MpsSvc
sc qc MpsSvc
sc queryex nsi
sc qc nsi
sc queryex CryptSvc
sc qc CryptSvc
sc queryex RpcSs
sc qc RpcSs
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp"
reg query "HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\RCM\Licensing Core"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\ClusterSettings"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Lsa\FIPSAlgorithmPolicy"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0"
reg query "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\CredSSP\Parameters"
reg query "HKLM\SYSTEM\Setup"
reg query "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols" /s
reg query "HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules" /v RemoteDesktop-UserMode-In-TCP
netsh advfirewall show allprofiles
netsh interface show interface
netsh interface ip show config
netstat -ano
tasklist /svc /fi "services eq TermService"
qwinsta
bcdedit /enum {current}
w32tm /query /status
certutil -store "Remote Desktop"
icacls "%ProgramData%\Microsoft\Crypto\RSA\MachineKeys"
wevtutil qe System /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='Schannel'] and (EventID=36870 or EventID=36871 or EventID=36872 or EventID=36874 or EventID=36888) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe System /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='Microsoft-Windows-TerminalServices-RemoteConnectionManager'] and (EventID=1036 or EventID=1051 or EventID=1055 or EventID=1057 or EventID=1058 or EventID=1128 or EventID=1130) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe System /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='TermDD'] and (EventID=50 or EventID=56) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe System /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='NETLOGON'] and (EventID=3210 or EventID=5719) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe System /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='Service Control Manager'] and (EventID=7000 or EventID=7001 or EventID=7009 or EventID=7022 or EventID=7023 or EventID=7031 or EventID=7034) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe Microsoft-Windows-TerminalServices-SessionBroker/Operational /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='Microsoft-Windows-TerminalServices-SessionBroker'] and (EventID=2056) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
wevtutil qe Microsoft-Windows-TerminalServices-SessionBroker-Client/Operational /c:5 /rd:true /f:xml /q:"*[System[Provider[@Name='Microsoft-Windows-TerminalServices-SessionBroker-Client'] and (EventID=1296) and TimeCreated[timediff(@SystemTime) <= 604800000]]]"
