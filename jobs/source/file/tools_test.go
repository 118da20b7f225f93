package file_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"senmeteo/jobs/source/file"
)

// Tables as tools and data sets of weather write them; the values are made up.
func TestTablesOfKnownToolsAreReadByTheirLayout(t *testing.T) {
	for name, c := range toolTables {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "table.txt")
			if err := os.WriteFile(path, []byte(c.data), 0o600); err != nil {
				t.Fatal(err)
			}
			o := options()
			o.Station = "SN-KL"
			got, err := fetch(t, file.Source{Paths: []string{path}, Options: o})
			if err != nil {
				t.Fatal(err)
			}
			if got = measured(t, got); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// measured leaves of each reading the station, the time and what was measured, and of each refused record the reason.
func measured(t *testing.T, lines string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(lines) {
		if !strings.HasPrefix(line, "{") {
			reason, _, _ := strings.Cut(line, ":")
			b.WriteString(reason + "\n")
			continue
		}
		var o struct {
			Station string `json:"station_id"`
			At      string `json:"observed_at"`
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		_, values, _ := strings.Cut(line, `"kind":"observed",`)
		b.WriteString(o.Station + " " + o.At + " " + strings.NewReplacer(`"`, "", "}", "").Replace(values))
	}
	return b.String()
}

var toolTables = map[string]struct{ data, want string }{
	"Open-Meteo, in local time, with a part of the rain beside the whole": {
		"latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n14.69,-17.44,26.0,7200,Europe/Paris,CEST\n\n" +
			"time,temperature_2m (°C),rain (mm),precipitation (mm),wind_speed_10m (km/h)\n2026-08-01T14:00,27.1,1.0,1.5,18.0\n2026-08-01T15:00,27.0,0.0,0.0,36.0\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,wind_speed_ms:5,rain_mm:1.5,interval_s:3600\n" +
			"SN-DK 2026-08-01T13:00:00Z temperature_c:27,wind_speed_ms:10,rain_mm:0,interval_s:3600\n",
	},
	"Open-Meteo, with the days in a table of their own below the hours": {
		"latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n14.69,-17.44,26.0,0,GMT,GMT\n\n" +
			"time,temperature_2m (°C)\n2026-08-01T12:00,27.1\n\ntime,temperature_2m_max (°C),precipitation_sum (mm)\n2026-08-01,31.2,4.0\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1\nSN-DK 2026-08-02T00:00:00Z rain_mm:4,temperature_max_c:31.2,interval_s:86400\n",
	},
	"the hours of Meteostat": {
		"time,temp,dwpt,rhum,prcp,snow,wdir,wspd,wpgt,pres,tsun,coco\n2026-08-01 12:00:00,27.5,25.0,86,0.2,,320,18.0,36.0,1012.5,,3\n",
		"SN-KL 2026-08-01T12:00:00Z temperature_c:27.5,dew_point_c:25,humidity_pct:86,pressure_hpa:1012.5,wind_speed_ms:5,wind_gust_ms:10,wind_direction_deg:320,rain_mm:0.2,interval_s:3600\n",
	},
	"the days of Meteostat": {
		"date,tavg,tmin,tmax,prcp,snow,wdir,wspd,wpgt,pres,tsun\n2026-08-01,27.5,25.0,30.1,12.4,,320,18.0,36.0,1012.5,\n",
		"SN-KL 2026-08-02T00:00:00Z wind_gust_ms:10,rain_mm:12.4,temperature_max_c:30.1,temperature_min_c:25,temperature_mean_c:27.5,wind_speed_mean_ms:5,interval_s:86400\n",
	},
	"weewx in its metric units, and a row in others": {
		"# dateTime,usUnits,interval,barometer,pressure,outTemp,outHumidity,rain,rainRate\n1785585600,16,5,1012.9,1009,27.1,80,0.02,0.1\n1785585900,17,5,1012.9,1009,27.1,80,0.2,0.1\n",
		"SN-KL 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80,pressure_hpa:1012.9,rain_mm:0.2,rain_rate_mm_h:1,interval_s:300\ninvalid_field\n",
	},
	"GSOD, without a report of rain": {
		"\"STATION\",\"DATE\",\"LATITUDE\",\"LONGITUDE\",\"ELEVATION\",\"NAME\",\"TEMP\",\"TEMP_ATTRIBUTES\",\"DEWP\",\"SLP\",\"VISIB\",\"WDSP\",\"MXSPD\",\"GUST\",\"MAX\",\"MIN\",\"PRCP\",\"PRCP_ATTRIBUTES\",\"FRSHTT\"\n" +
			"\"61641099999\",\"2026-08-01\",\"14.739\",\"-17.490\",\"26.0\",\"DAKAR YOFF, SG\",\"  82.4\",\" 8\",\"  73.4\",\"9999.9\",\"999.9\",\" 10.0\",\" 14.0\",\"999.9\",\"  86.0\",\"  77.0\",\" 0.00\",\"I\",\"000000\"\n",
		"SN-DK 2026-08-02T00:00:00Z temperature_max_c:30,temperature_min_c:25,temperature_mean_c:28,dew_point_mean_c:23,wind_speed_mean_ms:5.144444444,interval_s:86400\n",
	},
	"ISD-Lite": {
		"2026 08 01 00   271   230 10123   320    50     4    -1 -9999\n2026 08 01 06   281 -9999 10113 -9999    50     9 -9999    12\n2026 08 32 06   281 -9999 10113 -9999    50     9 -9999    12\n",
		"SN-KL 2026-08-01T00:00:00Z temperature_c:27.1,dew_point_c:23,pressure_hpa:1012.3,wind_speed_ms:5,wind_direction_deg:320,rain_mm:0,cloud_cover_pct:50,interval_s:3600\n" +
			"SN-KL 2026-08-01T06:00:00Z temperature_c:28.1,pressure_hpa:1011.3,wind_speed_ms:5,rain_mm:1.2,interval_s:21600\nunknown_shape\n",
	},
	"GHCN-Daily in tenths, with a value that failed a check": {
		"\"STATION\",\"NAME\",\"DATE\",\"PRCP\",\"PRCP_ATTRIBUTES\",\"TAVG\",\"TMAX\",\"TMAX_ATTRIBUTES\"\n\"SGM00061641\",\"DAKAR YOFF, SG\",\"2026-08-01\",\"   12\",\",,S\",\"  274\",\"  301\",\",,S\"\n" +
			"\"SGM00061641\",\"DAKAR YOFF, SG\",\"2026-08-02\",\"    0\",\",,S\",\"  274\",\"  501\",\",X,S\"\n",
		"SN-DK 2026-08-02T00:00:00Z rain_mm:1.2,temperature_max_c:30.1,temperature_mean_c:27.4,interval_s:86400\nSN-DK 2026-08-03T00:00:00Z rain_mm:0,temperature_mean_c:27.4,interval_s:86400\n",
	},
	"GHCN-Daily in °F and inches": {
		"STATION,DATE,PRCP,TMAX\nSGM00061641,2026-08-01,0.50,86\n",
		"SN-DK 2026-08-02T00:00:00Z rain_mm:12.7,temperature_max_c:30,interval_s:86400\n",
	},
	"METARs of aviationweather.gov": {
		"No errors\nNo warnings\n10 ms\ndata source=metars\n1 results\nraw_text,station_id,observation_time,latitude,longitude,temp_c,dewpoint_c,wind_dir_degrees,wind_speed_kt,wind_gust_kt,visibility_statute_mi,altim_in_hg,sky_cover,sky_cover,metar_type,elevation_m\n" +
			"\"METAR GOOY 011200Z VRB10KT 9999\",GOOY,2026-08-01T12:00:00Z,14.73,-17.5,29.0,24.0,VRB,10,,10+,30,FEW,,METAR,24.0\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:29,dew_point_c:24,pressure_hpa:1015.9167,wind_speed_ms:5.144444444,visibility_m:16093.44\n",
	},
	"TOA5 of a logger, hourly, with a unit that is not known": {
		"TOA5,Ndiol,CR1000X,1234,CR1000X.Std.06,CPU:x.CR1X,1,Hourly\nTIMESTAMP,RECORD,BattV_Min,PTemp_C_Avg,AirTC_Avg,AirTC_Max,RH,WS_ms_Avg,WS_ms_Max,WindDir_D1_WVT,WindDir_SD1_WVT,Rain_mm_Tot,BP_mbar,Dew_Avg\n" +
			"TS,RN,Volts,Deg C,Deg C,Deg C,%,meters/second,meters/second,Deg,Deg,mm,mbar,furlong\n,,Min,Avg,Avg,Max,Smp,Avg,Max,WVc,WVc,Tot,Smp,Avg\n" +
			"\"2026-08-01 06:00:00\",6,12.5,30,27.1,28,80,4,9,320,12,1.2,1011,5\n\"2026-08-01 07:00:00\",7,12.5,30,27.3,28.1,81,4.2,9.5,310,12,0,1011,5\n",
		"SN-KL 2026-08-01T06:00:00Z temperature_c:27.1,humidity_pct:80,wind_speed_ms:4,wind_gust_ms:9,wind_direction_deg:320,rain_mm:1.2,temperature_max_c:28,interval_s:3600\n" +
			"SN-KL 2026-08-01T07:00:00Z temperature_c:27.3,humidity_pct:81,wind_speed_ms:4.2,wind_gust_ms:9.5,wind_direction_deg:310,rain_mm:0,temperature_max_c:28.1,interval_s:3600\n",
	},
	"TOA5 of a logger, daily, at a station that it names": {
		"TOA5,Kaolack,CR1000,1,OS,x,1,Daily\nTIMESTAMP,RECORD,AirTC_Avg,AirTC_Max\nTS,RN,Deg C,Deg C\n,,Avg,Max\n\"2026-08-01 00:00:00\",1,27.1,33\n\"2026-08-02 00:00:00\",2,27.3,34\n",
		"SN-KL 2026-08-01T00:00:00Z temperature_max_c:33,temperature_mean_c:27.1,interval_s:86400\nSN-KL 2026-08-02T00:00:00Z temperature_max_c:34,temperature_mean_c:27.3,interval_s:86400\n",
	},
	"a HOBO logger in °F, two hours east, with its notes": {
		"Plot Title: verger\n\"#\",\"Date Time, GMT+02:00\",\"Temp, °F (LGR S/N: 10, SEN S/N: 10)\",\"RH, % (LGR S/N: 10, SEN S/N: 10)\",\"Stopped (LGR S/N: 10)\"\n" +
			"1,2026-08-13 14:00:00,80.6,70.1,\n2,2026-08-13 14:03:00,,,Logged\n",
		"SN-KL 2026-08-13T12:00:00Z temperature_c:27,humidity_pct:70.1\n",
	},
	"WeatherLink in °F and inches of mercury": {
		"\t\tTemp\tHi\tLow\tOut\tDew\tWind\tWind\tHi\tHi\tHeat\t\t\tRain\tIn\tArc.\nDate\tTime\tOut\tTemp\tTemp\tHum\tPt.\tSpeed\tDir\tSpeed\tDir\tIndex\tBar  \tRain\tRate\tTemp\tInt.\n" +
			"13/08/26\t 12:30\t80.6\t82.4\t78.8\t78\t73.4\t5.0\tNNW\t10.0\tN\t85.0\t30.000\t0.01\t0.1\t78.1\t30\n13/08/26\t 13:00\t80.6\t82.4\t78.8\t77\t73.4\t0.0\t---\t10.0\tN\t85.0\t30.000\t0.00\t0.0\t78.1\t30\n",
		"SN-KL 2026-08-13T12:30:00Z temperature_c:27,dew_point_c:23,humidity_pct:78,pressure_hpa:1015.9167,wind_speed_ms:2.2352,wind_gust_ms:4.4704,wind_direction_deg:337.5,rain_mm:0.254,rain_rate_mm_h:2.54,temperature_max_c:28,temperature_min_c:26,interval_s:1800\n" +
			"SN-KL 2026-08-13T13:00:00Z temperature_c:27,dew_point_c:23,humidity_pct:77,pressure_hpa:1015.9167,wind_speed_ms:0,wind_gust_ms:4.4704,rain_mm:0,rain_rate_mm_h:0,temperature_max_c:28,temperature_min_c:26,interval_s:1800\n",
	},
	"WeatherLink in °C, whose wind has no unit": {
		"\t\tTemp\tHi\tLow\tWind\t\t\nDate\tTime\tOut\tTemp\tTemp\tSpeed\tBar  \tRain\n13/08/26\t 12:30\t27.0\t28.0\t26.0\t5.0\t1013.0\t0.2\n",
		"SN-KL 2026-08-13T12:30:00Z temperature_c:27,pressure_hpa:1013,rain_mm:0.2,temperature_max_c:28,temperature_min_c:26\n",
	},
	"SYNOP reports of Météo-France": {
		"numer_sta;date;pmer;ff;dd;t;td;u;vv;n;rr1;rr3;pres\n61641;20260801120000;101250;5.1;320;300.25;296.15;80;10000;mq;mq;0.6;101010\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,dew_point_c:23,humidity_pct:80,pressure_hpa:1012.5,wind_speed_ms:5.1,wind_direction_deg:320,rain_mm:0.6,visibility_m:10000,interval_s:10800\n",
	},
	"METARs of the Iowa Environmental Mesonet": {
		"station,valid,tmpf,dwpf,relh,drct,sknt,p01i,alti,gust\nGOOY,2026-08-01 12:00,80.60,73.40,80,320.00,10.00,T,29.92,M\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27,dew_point_c:23,humidity_pct:80,pressure_hpa:1013.2075888,wind_speed_ms:5.144444444,wind_direction_deg:320,rain_mm:0,interval_s:3600\n",
	},
	"GHCNh, with a value that a check found wrong": {
		"Station_ID|Year|Month|Day|Hour|Minute|temperature|temperature_Quality_Code|dew_point_temperature|dew_point_temperature_Quality_Code\nSGM00061641|2026|08|01|12|00|27.1|1|83.1|7\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1\n",
	},
	"LCD in the units of the United States": {
		"STATION,DATE,HourlyDryBulbTemperature,HourlySeaLevelPressure,HourlyWindSpeed,HourlyPrecipitation\n61641099999,2026-08-01T12:00:00,80.6,29.92,10,0.01\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27,pressure_hpa:1013.2075888,wind_speed_ms:4.4704,rain_mm:0.254,interval_s:3600\n",
	},
	"LCD in metric units": {
		"STATION,DATE,HourlyDryBulbTemperature,HourlySeaLevelPressure,HourlyWindSpeed,HourlyPrecipitation\nSGM00061641,2026-08-01T12:00:00,27,1013,5,0.2\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27,pressure_hpa:1013,wind_speed_ms:5,rain_mm:0.2,interval_s:3600\n",
	},
	"history of OpenWeather, in kelvins": {
		"dt,dt_iso,timezone,city_name,temp,temp_min,temp_max,pressure,humidity,wind_speed,wind_deg,rain_1h,clouds_all\n1785585600,2026-08-01 12:00:00 +0000 UTC,0,Dakar,300.25,299.5,301.5,1012,80,5.1,320,0.2,75\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80,pressure_hpa:1012,wind_speed_ms:5.1,wind_direction_deg:320,rain_mm:0.2,cloud_cover_pct:75,interval_s:3600\n",
	},
	"Visual Crossing in °C, whose wind has no unit": {
		"name,datetime,temp,feelslike,humidity,precip,windspeed,sealevelpressure\nDakar,2026-08-01T12:00:00,27.1,30,80,0.2,18,1012\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80,pressure_hpa:1012,rain_mm:0.2\n",
	},
	"a page of Weather Underground": {
		"Date,Time,Temperature,Dew Point,Humidity,Wind,Speed,Gust,Pressure,Precip. Rate.,Precip. Accum.\n2026/08/01,12:04 PM,80.6 °F,73.4 °F,80 %,NNW,10.0 mph,20.0 mph,29.92 in,0.10 in,0.30 in\n",
		"SN-KL 2026-08-01T12:04:00Z temperature_c:27,dew_point_c:23,humidity_pct:80,pressure_hpa:1013.2075888,wind_speed_ms:4.4704,wind_gust_ms:8.9408,wind_direction_deg:337.5,rain_rate_mm_h:2.54\n",
	},
	"a logger with a row that says how its values were formed": {
		"Date,Température (°C),Température (°C),Pluie (mm)\n,aver,max,sum\n2026-08-01 12:00,27.1,28,0.2\n2026-08-01 13:00,27.1,28,0.2\n",
		"SN-KL 2026-08-01T12:00:00Z temperature_c:27.1,rain_mm:0.2,temperature_max_c:28\nSN-KL 2026-08-01T13:00:00Z temperature_c:27.1,rain_mm:0.2,temperature_max_c:28\n",
	},
	"the outdoor module of Netatmo": {
		"Name;Long;Lat;ModuleName;ModuleType\n\"Maison\";-17.45;14.70;\"Jardin\";\"Outdoor\"\nTimestamp;\"Timezone : Africa/Dakar\";Temperature;Humidity\n1785585600;\"2026/08/01 12:00:00\";27.1;80\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80\n",
	},
	"a bulk file of Meteostat with hours, which has no names": {
		"2026-08-01,12,27.1,22.0,74,0.2,,320,18.0,,1012.5,,3\n2026-08-01,13,27.9,,72,,,,36.0,,,,\n",
		"SN-KL 2026-08-01T12:00:00Z temperature_c:27.1,dew_point_c:22,humidity_pct:74,pressure_hpa:1012.5,wind_speed_ms:5,wind_direction_deg:320,rain_mm:0.2,interval_s:3600\nSN-KL 2026-08-01T13:00:00Z temperature_c:27.9,humidity_pct:72,wind_speed_ms:10\n",
	},
	"a bulk file of Meteostat with days, which has no names": {
		"2026-08-01,28.1,24.0,33.2,5.1,,320,18.0,,1012.5,\r\n",
		"SN-KL 2026-08-02T00:00:00Z rain_mm:5.1,temperature_max_c:33.2,temperature_min_c:24,temperature_mean_c:28.1,wind_speed_mean_ms:5,interval_s:86400\n",
	},
	"the Integrated Surface Database of NOAA, with several values in a cell": {
		`"STATION","DATE","SOURCE","LATITUDE","LONGITUDE","ELEVATION","NAME","REPORT_TYPE","CALL_SIGN","QUALITY_CONTROL","WND","CIG","VIS","TMP","DEW","SLP","AA1","OC1"
"61641099999","2024-08-01T12:00:00","4","14.74","-17.49","25.9","DAKAR SENGHOR, SG","FM-12","99999","V020","320,1,N,0041,1","99999,9,9,N","009000,1,9,9","+0271,1","-0021,1","10123,1","06,0025,1,1","0102,1"
"61641099999","2024-08-01T15:00:00","4","14.74","-17.49","25.9","DAKAR SENGHOR, SG","FM-12","99999","V020","999,9,C,0000,1","99999,9,9,N","999999,9,9,9","+0281,1","+0220,3","99999,9","",""
"61641099999","2024-08-01T18:00:00","4","14.74","-17.49","25.9","DAKAR SENGHOR, SG","FM-12","99999","V020","360,1,N,9999,9","99999,9,9,N","999999,9,9,9","+9999,9","+9999,9","10110,1","",""
`,
		"SN-DK 2024-08-01T12:00:00Z temperature_c:27.1,dew_point_c:-2.1,pressure_hpa:1012.3,wind_speed_ms:4.1,wind_gust_ms:10.2,wind_direction_deg:320,rain_mm:2.5,visibility_m:9000,interval_s:21600\nSN-DK 2024-08-01T15:00:00Z temperature_c:28.1,wind_speed_ms:0\nSN-DK 2024-08-01T18:00:00Z pressure_hpa:1011,wind_direction_deg:360\n",
	},
	"an older table of Weather Underground, whose first time is the station's": {
		"Time,TemperatureC,DewpointC,PressurehPa,WindDirection,WindDirectionDegrees,WindSpeedKMH,WindSpeedGustKMH,Humidity,HourlyPrecipMM,dailyrainMM,DateUTC\n2026-08-01 14:00:00,27.1,22,1012.3,NW,320,18,36,80,0.2,1.2,2026-08-01 12:00:00\n",
		"SN-KL 2026-08-01T12:00:00Z temperature_c:27.1,dew_point_c:22,humidity_pct:80,pressure_hpa:1012.3,wind_speed_ms:5,wind_gust_ms:10,wind_direction_deg:320,rain_mm:0.2\n",
	},
	"observations of ClimSoft as they were keyed": {
		"recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n61641,101,2026-08-01 12:00:00,surface,271\n61641,105,2026-08-01 12:00:00,surface,80\n61641,107,2026-08-01 12:00:00,surface,10123\n61641,111,2026-08-01 12:00:00,surface,5\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1,humidity_pct:80,pressure_hpa:1012.3\n",
	},
	"days of ClimSoft as they were keyed": {
		"recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n61641,2,2026-08-01 06:00:00,surface,331\n61641,3,2026-08-01 06:00:00,surface,241\n61641,5,2026-08-01 06:00:00,surface,182\n",
		"SN-DK 2026-08-01T06:00:00Z rain_mm:18.2,temperature_max_c:33.1,temperature_min_c:24.1,interval_s:86400\n",
	},
	"rain of ClimSoft in millimetres": {
		"recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n61641,5,2026-08-01 06:00:00,surface,18.2\n61641,5,2026-08-02 06:00:00,surface,0\n",
		"SN-DK 2026-08-01T06:00:00Z rain_mm:18.2,interval_s:86400\nSN-DK 2026-08-02T06:00:00Z rain_mm:0,interval_s:86400\n",
	},
	"rain of ClimSoft in whole numbers beside temperatures in units": {
		"recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n61641,2,2026-08-01 06:00:00,surface,33.1\n61641,5,2026-08-01 06:00:00,surface,18\n",
		"SN-DK 2026-08-01T06:00:00Z rain_mm:18,temperature_max_c:33.1,interval_s:86400\n",
	},
	"rain of ClimSoft in whole numbers alone, whose scale nothing shows": {
		"recordedFrom,describedBy,obsDatetime,obsLevel,obsValue\n61641,5,2026-08-01 06:00:00,surface,182\n61641,105,2026-08-01 06:00:00,surface,80\n",
		"SN-DK 2026-08-01T06:00:00Z humidity_pct:80\n",
	},
	"hours of NASA POWER in UTC, with their place in the title": {
		"-BEGIN HEADER-\nNASA/POWER Source Native Resolution Hourly Data\nDates (month/day/year): 08/01/2026 through 08/01/2026 in UTC\nLocation: latitude  14.69   longitude -17.44\n-END HEADER-\nYEAR,MO,DY,HR,T2M\n2026,8,1,12,27.1\n2026,8,1,13,-999\n2026,8,1,14,27.9\n",
		"SN-DK 2026-08-01T12:00:00Z temperature_c:27.1\nno_values\nSN-DK 2026-08-01T14:00:00Z temperature_c:27.9\n",
	},
	"days of NASA POWER": {
		"-BEGIN HEADER-\nDates (month/day/year): 08/01/2026 through 08/02/2026 in LST\nLocation: Latitude  16.02   Longitude -16.49\n-END HEADER-\nYEAR,MO,DY,T2M_MAX\n2026,8,1,31.1\n",
		"SN-SL 2026-08-02T00:00:00Z temperature_max_c:31.1,interval_s:86400\n",
	},
	"the indoor module of Netatmo, of which the pressure counts": {
		"Name;Long;Lat;ModuleName;ModuleType\n\"Maison\";-17.45;14.70;\"Salon\";\"Indoor\"\nTimestamp;\"Timezone : Africa/Dakar\";Temperature;Humidity;CO2;Pressure\n1785585600;\"2026/08/01 12:00:00\";22.1;50;600;1012.5\n",
		"SN-DK 2026-08-01T12:00:00Z pressure_hpa:1012.5\n",
	},
}

func TestAnotherTableAfterOneOfTheIntegratedSurfaceDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.csv")
	data := "STATION,DATE,REPORT_TYPE,WND,TMP\n" + strings.Repeat("61641099999,2024-08-01T12:00:00,FM-12,\"320,1,N,0041,1\",\"+0271,1\"\n", 50) +
		"time,station,temperature,humidity\n2026-08-01T12:00:00Z,Dakar,27,80\n"
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := fetch(t, file.Source{Paths: []string{path}, Options: options()})
	if err == nil || !strings.Contains(err.Error(), "another table") || strings.Count(got, "\n") != 50 {
		t.Errorf("got %d readings, %v", strings.Count(got, "\n"), err)
	}
}
